import { faultTypes } from '../contracts/saga';
import type { AuthorizeResult, SagaView } from '../contracts/saga';
import { eventually } from '../test/support/eventually';
import {
  allRefunded,
  captured,
  createSagaTheatre,
  nothingHeld,
  outage,
  refusal,
  sagaInput,
  stillCaptured,
} from '../test/support/saga-theatre';
import type { Play, World } from '../test/support/saga-theatre';

jest.setTimeout(60_000);

let theatre: Awaited<ReturnType<typeof createSagaTheatre>>;

beforeAll(async () => {
  theatre = await createSagaTheatre();
});

afterAll(() => theatre?.close());

const declined: AuthorizeResult = {
  kind: 'declined',
  failure: { code: 'card_declined', declineCode: 'lost_card', message: 'Declined.' },
};
const providerAway = outage(faultTypes.providerUnavailable);
const providerRejects = refusal(faultTypes.providerRejected);
const stillOpen = refusal(faultTypes.intentOpen);
const databaseAway = outage(faultTypes.storeUnavailable);
const databaseRefuses = refusal(faultTypes.storeRefused);

interface Case {
  readonly fails: string;
  readonly world: World;
  readonly steps: readonly string[];
  readonly ends: string;
  readonly record: object;
}

const undone: Case[] = [
  {
    fails: 'nowhere',
    world: { authorize: [captured] },
    steps: ['authorize', 'record:succeeded'],
    ends: 'succeeded',
    record: { capturedMinor: 1_250, chargeId: 'ch_1', failure: null },
  },
  {
    fails: 'at the issuer, by a decline',
    world: { authorize: [declined] },
    steps: ['authorize', 'release:undo', 'record:failed'],
    ends: 'failed',
    record: { failure: declined.kind === 'declined' ? declined.failure : null, capturedMinor: 0 },
  },
  {
    fails: 'at the issuer, by a challenge',
    world: { authorize: [{ kind: 'requires_action' }] },
    steps: ['authorize', 'release:undo', 'record:failed'],
    ends: 'failed',
    record: { failure: { code: 'authentication_required' } },
  },
  {
    fails: 'at the charge, for good',
    world: { authorize: [providerRejects] },
    steps: ['authorize', 'release:undo', 'record:failed'],
    ends: 'failed',
    record: { failure: { code: 'provider_rejected' } },
  },
  {
    fails: 'at the charge, for its whole budget',
    world: { authorize: [providerAway] },
    steps: [...Array<string>(4).fill('authorize'), 'release:undo', 'record:failed'],
    ends: 'failed',
    record: { failure: { code: 'provider_unavailable' } },
  },
  {
    fails: 'at the charge, in an earlier run that had begun to undo',
    world: { authorize: [{ kind: 'undo_started' }] },
    steps: ['authorize', 'release:undo', 'record:failed'],
    ends: 'failed',
    record: { failure: { code: 'interrupted' } },
  },
  {
    fails: 'at the charge once, then not',
    world: { authorize: [providerAway, captured] },
    steps: ['authorize', 'authorize', 'record:succeeded'],
    ends: 'succeeded',
    record: { capturedMinor: 1_250 },
  },
  {
    fails: 'at the recording, for good',
    world: {
      authorize: [captured],
      release: [allRefunded],
      record: { succeeded: [databaseRefuses] },
    },
    steps: ['authorize', 'record:succeeded', 'release:undo', 'record:failed'],
    ends: 'failed',
    record: {
      failure: { code: 'recording_failed' },
      capturedMinor: 1_250,
      refundedMinor: 1_250,
    },
  },
  {
    fails: 'at the recording, and once at the undo',
    world: {
      authorize: [captured],
      release: [providerAway, allRefunded],
      record: { succeeded: [databaseRefuses] },
    },
    steps: ['authorize', 'record:succeeded', 'release:undo', 'release:undo', 'record:failed'],
    ends: 'failed',
    record: { refundedMinor: 1_250 },
  },
  {
    fails: 'nowhere, for the row had ended before',
    world: { authorize: [{ kind: 'settled', status: 'succeeded' }] },
    steps: ['authorize'],
    ends: 'succeeded',
    record: {},
  },
];

test.each(undone)('fails $fails: $steps', async ({ world, steps, ends, record }) => {
  const { result, calls } = await theatre.play(world);
  expect(calls.steps).toEqual(steps);
  expect(result).toEqual({ status: ends });
  expect(calls.records.at(-1) ?? {}).toMatchObject(record);
});

test('a database that is away for an hour is waited out, and nothing is refunded because of it', async () => {
  const { result, calls } = await theatre.play({
    authorize: [captured],
    record: { succeeded: [...Array<Error>(60).fill(databaseAway), 'recorded'] },
  });
  expect(result).toEqual({ status: 'succeeded' });
  expect(calls.steps.filter((step) => step.startsWith('release'))).toEqual([]);
});

test.each([true, false])(
  'a database away during the charge is waited out, whatever the provider did before (retry %s)',
  async (retryLogic) => {
    const away = Array<Error>(20).fill(databaseAway);
    const { result, calls } = await theatre.play(
      { authorize: retryLogic ? [providerAway, ...away, captured] : [...away, captured] },
      { input: { flags: { ...sagaInput.flags, retryLogic } } },
    );
    expect(result).toEqual({ status: 'succeeded' });
    expect(calls.steps.filter((step) => step.startsWith('release'))).toEqual([]);
  },
);

test('a provider that fails after the database is back has its whole budget, and then no more', async () => {
  const { result, calls } = await theatre.play({
    authorize: [databaseAway, databaseAway, providerAway],
  });
  expect(result).toEqual({ status: 'failed' });
  // Two for the database, one that found it back and the provider away, then the budget's four.
  expect(calls.steps.filter((step) => step === 'authorize')).toHaveLength(2 + 1 + 4);
  expect(calls.records.at(-1)?.failure?.code).toBe('provider_unavailable');
});

test('without retry logic the provider is asked once, also after an outage of the database', async () => {
  const { calls } = await theatre.play(
    { authorize: [databaseAway, databaseAway, providerAway] },
    { input: { flags: { ...sagaInput.flags, retryLogic: false } } },
  );
  expect(calls.steps).toEqual([
    ...Array<string>(3).fill('authorize'),
    'release:undo',
    'record:failed',
  ]);
});

test('a database and a provider that fail by turns do not charge for ever', async () => {
  const { result, calls } = await theatre.play({
    authorize: Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? databaseAway : providerAway)),
  });
  expect(result).toEqual({ status: 'failed' });
  expect(calls.steps.filter((step) => step === 'authorize').length).toBeLessThan(30);
});

test.each([true, false])(
  'a step that no worker took in time is run again: nobody had asked the provider (retry %s)',
  async (retryLogic) => {
    const authorize = { ...sagaInput.budgets.authorize, totalMs: 1_000 };
    const { result, calls } = await theatre.play(
      { authorize: [captured] },
      {
        input: {
          budgets: { ...sagaInput.budgets, authorize },
          flags: { ...sagaInput.flags, retryLogic },
        },
        absentAtFirst: true,
      },
    );
    expect(result).toEqual({ status: 'succeeded' });
    expect(calls.steps).toEqual(['authorize', 'record:succeeded']);
  },
);

test('without retry logic the charge has one attempt, the undo and the recording have theirs', async () => {
  const { calls } = await theatre.play(
    {
      authorize: [providerAway],
      release: [providerAway, nothingHeld],
      record: { failed: [databaseAway, 'recorded'] },
    },
    { input: { flags: { ...sagaInput.flags, retryLogic: false } } },
  );
  expect(calls.steps).toEqual([
    'authorize',
    'release:undo',
    'release:undo',
    'record:failed',
    'record:failed',
  ]);
});

describe('without compensation', () => {
  const input = { flags: { ...sagaInput.flags, compensation: false } };

  test('a failure that left nothing at the provider ends failed', async () => {
    const { result, calls } = await theatre.play({ authorize: [providerAway] }, { input });
    expect(result).toEqual({ status: 'failed' });
    expect(calls.steps.slice(-2)).toEqual(['release:resolve', 'record:failed']);
  });

  test('captured money is parked with the list of what would be undone', async () => {
    const { calls } = await theatre.play(
      {
        authorize: [captured],
        release: [stillCaptured, allRefunded],
        record: { succeeded: [databaseRefuses] },
      },
      {
        input,
        during: async (play) => {
          const view = await parked(play);
          expect(view.pendingUndo).toEqual(['releaseFunds']);
          await play.handle.executeUpdate('retryCompensation');
        },
      },
    );
    expect(calls.steps).toEqual([
      'authorize',
      'record:succeeded',
      'release:resolve',
      'record:needs_review',
      'release:undo',
      'record:failed',
    ]);
    expect(calls.records[0]).toMatchObject({ status: 'needs_review', capturedMinor: 1_250 });
    expect(calls.records[0]?.failure?.message).toMatch(/Undo pending: releaseFunds/);
  });
});

describe('a payment whose undo cannot finish', () => {
  const stuck: World = {
    authorize: [captured],
    release: [refusal(faultTypes.refundFailed), allRefunded],
    record: { succeeded: [databaseRefuses] },
  };

  test('is parked with what is known of the money, and ends when the undo is run again', async () => {
    const { result, calls } = await theatre.play(stuck, {
      during: async (play) => {
        expect(await parked(play)).toMatchObject({ pendingUndo: ['releaseFunds'] });
        expect(await play.handle.executeUpdate('retryCompensation')).toEqual({ status: 'failed' });
      },
    });
    expect(result).toEqual({ status: 'failed' });
    expect(calls.records).toMatchObject([
      { status: 'needs_review', capturedMinor: 1_250 },
      { status: 'failed', capturedMinor: 1_250, refundedMinor: 1_250 },
    ]);
  });

  test('stays parked when the undo fails again, and is not ended by a cancellation', async () => {
    const refundFails = refusal(faultTypes.refundFailed);
    await theatre.play(
      { ...stuck, release: [refundFails, refundFails, allRefunded] },
      {
        during: async (play) => {
          await parked(play);
          expect(await play.handle.executeUpdate('retryCompensation')).toEqual({
            status: 'needs_review',
          });
          await play.handle.cancel();
          expect(await parked(play)).toMatchObject({ status: 'needs_review' });
          await play.handle.executeUpdate('retryCompensation');
        },
      },
    );
  });

  test('ends by an operator with the figures that the provider shows', async () => {
    const { calls } = await theatre.play(stuck, {
      during: async (play) => {
        await parked(play);
        const args: [object] = [{ reason: 'refunded by hand', providerRef: 're_9' }];
        expect(await play.handle.executeUpdate('resolveManually', { args })).toEqual({
          status: 'failed',
        });
      },
    });
    expect(calls.steps.slice(-2)).toEqual(['release:inspect', 'record:failed']);
    expect(calls.records.at(-1)).toMatchObject({
      refundedMinor: 1_250,
      failure: { code: 'resolved_manually', message: expect.stringContaining('re_9') },
    });
  });

  test('stays parked while its intent can still be charged, whatever the operator says', async () => {
    const { calls } = await theatre.play(
      { ...stuck, release: [refusal(faultTypes.refundFailed), stillOpen, allRefunded] },
      {
        during: async (play) => {
          await parked(play);
          const args: [object] = [{ reason: 'closed by hand', providerRef: 'pi_9' }];
          expect(await play.handle.executeUpdate('resolveManually', { args })).toEqual({
            status: 'needs_review',
          });
          await play.handle.executeUpdate('retryCompensation');
        },
      },
    );
    expect(calls.steps.slice(-3)).toEqual(['release:inspect', 'release:undo', 'record:failed']);
  });

  test('refuses a resolution without a reason at once', async () => {
    await theatre.play(stuck, {
      during: async (play) => {
        await parked(play);
        await expect(
          play.handle.executeUpdate('resolveManually', { args: [{ reason: ' ' }] }),
        ).rejects.toThrow(/update/i);
        await play.handle.executeUpdate('retryCompensation');
      },
    });
  });

  test('is parked also when the end of its undo cannot be recorded', async () => {
    const { calls } = await theatre.play(
      {
        ...stuck,
        release: [allRefunded],
        record: { succeeded: [databaseRefuses], failed: [databaseRefuses, 'recorded'] },
      },
      {
        during: async (play) => {
          await parked(play);
          await play.handle.executeUpdate('retryCompensation');
        },
      },
    );
    expect(calls.records.map((record) => record.status)).toEqual(['needs_review', 'failed']);
  });
});

test('an operator is refused while the saga works by itself', async () => {
  await theatre.play(
    { authorize: [providerAway, captured] },
    {
      during: async ({ handle }) => {
        await expect(handle.executeUpdate('retryCompensation')).rejects.toThrow(/update/i);
      },
    },
  );
});

test('a canceled saga releases what it may have taken before it ends canceled', async () => {
  const { result, calls } = await theatre.play(
    { authorize: [providerAway] },
    {
      input: { budgets: { ...sagaInput.budgets, retryInitialMs: 60_000 } },
      during: async ({ handle, calls: soFar }) => {
        await eventually(() => expect(soFar.steps).toContain('authorize'));
        await handle.cancel();
      },
    },
  );
  expect(result).toEqual({ status: 'canceled' });
  expect(calls.steps.slice(-2)).toEqual(['release:undo', 'record:canceled']);
});

function parked({ handle }: Play): Promise<SagaView> {
  return eventually(async () => {
    const view = await handle.query<SagaView>('getPayment');
    expect(view).toMatchObject({ step: 'parked', status: 'needs_review' });
    return view;
  });
}
