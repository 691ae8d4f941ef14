import { WorkflowUpdateFailedError } from '@temporalio/client';
import { faultTypes } from '../contracts/saga';
import type { AuthorizeResult, ProcessPaymentInput } from '../contracts/saga';
import { eventually } from '../test/support/eventually';
import {
  allRefunded,
  captured,
  createSagaTheatre,
  nothingHeld,
  outage,
  refusal,
  sagaInput,
} from '../test/support/saga-theatre';
import type { Play, World } from '../test/support/saga-theatre';

jest.setTimeout(60_000);

let theatre: Awaited<ReturnType<typeof createSagaTheatre>>;

beforeAll(async () => {
  theatre = await createSagaTheatre();
});

afterAll(() => theatre?.close());

const hour = 3_600_000;
const day = 24 * hour;
const waits = { actionMs: hour, pollMs: 10 * 60_000, holdNoticeMs: day, holdMarginMs: hour };
const budgets = { ...sagaInput.budgets, waits };
const failure = { code: 'x', declineCode: null, message: 'X.' };

const challenge: AuthorizeResult = { kind: 'requires_action', action: 'redirect_to_url' };
const browser: AuthorizeResult = {
  kind: 'requires_action',
  action: 'confirm_with_client_secret',
};
const lapsed: AuthorizeResult = { kind: 'canceled', failure: { ...failure, code: 'hold_expired' } };
const partly: AuthorizeResult = { kind: 'captured', capturedMinor: 700, chargeId: 'ch_1' };

/** Seven days on the time of the server, which skips. */
async function holding(policy: 'capture' | 'void' | 'alert'): Promise<AuthorizeResult> {
  const now = await theatre.environment.currentTimeMs();
  return {
    kind: 'authorized',
    heldMinor: 1_250,
    chargeId: 'ch_1',
    captureBefore: new Date(Math.ceil(now + 7 * day)).toISOString(),
    holdPolicy: policy,
  };
}

const play = (
  world: World,
  during?: (play: Play) => Promise<void>,
  input: Partial<ProcessPaymentInput> = {},
) => theatre.play(world, { input: { budgets, ...input }, ...(during ? { during } : {}) });

const reaches = (calls: Play['calls'], step: string) =>
  eventually(async () => expect(calls.steps).toContain(step));

describe('a hold that nobody captures', () => {
  it('is announced a day before its end, and released an hour before it', async () => {
    const { result, calls } = await play({ authorize: [await holding('void')] });
    expect(result).toEqual({ status: 'canceled' });
    expect(calls.steps).toEqual([
      'authorize',
      'record:authorized',
      'notice:void',
      'read',
      'release:undo',
      'record:canceled',
    ]);
    expect(calls.records.at(-1)).toMatchObject({ failure: { code: 'hold_voided' } });
  });

  it('is captured an hour before its end where the policy says so', async () => {
    const { result, calls } = await play({ authorize: [await holding('capture')] });
    expect(result).toEqual({ status: 'succeeded' });
    expect(calls.steps).toEqual([
      'authorize',
      'record:authorized',
      'notice:capture',
      'read',
      'capture:1250',
      'record:succeeded',
    ]);
  });

  it('is left alone by the policy to alert, until the provider says that it is gone', async () => {
    const held = await holding('alert');
    const { result, calls } = await play({ authorize: [held], read: [held, held, lapsed] });
    expect(result).toEqual({ status: 'canceled' });
    expect(calls.steps).toEqual([
      'authorize',
      'record:authorized',
      'notice:alert',
      'read',
      'read',
      'read',
      'release:undo',
      'record:canceled',
    ]);
    expect(calls.records.at(-1)).toMatchObject({ failure: { code: 'hold_expired' } });
  });

  it('that was captured by hand is never given back by its policy, though no webhook came', async () => {
    const { result, calls } = await play({
      authorize: [await holding('void')],
      read: [captured],
    });
    expect(result).toEqual({ status: 'succeeded' });
    expect(calls.steps).not.toContain('release:undo');
  });

  it('keeps the news in mind through an outage of the provider', async () => {
    const away = outage(faultTypes.providerUnavailable);
    const held = await holding('void');
    const { calls } = await play(
      { authorize: [held], read: [away, away, away, away, away, captured] },
      async ({ handle, calls: seen }) => {
        await reaches(seen, 'record:authorized');
        await handle.signal('providerNews');
      },
    );
    expect(calls.steps.at(-1)).toBe('record:succeeded');
    expect(calls.steps).not.toContain('notice:void');
  });

  it('is released also with the compensation off: it is a step like another', async () => {
    const flags = { ...sagaInput.flags, compensation: false };
    const world = { authorize: [await holding('void')] };
    const { result, calls } = await play(world, undefined, { flags });
    expect(result).toEqual({ status: 'canceled' });
    expect(calls.steps).toContain('release:undo');
  });
});

describe('a merchant', () => {
  it('captures a part; the update is answered with the status it led to', async () => {
    const { calls } = await play(
      { authorize: [await holding('void')], capture: [partly] },
      async ({ handle, calls: { steps } }) => {
        await reaches({ steps, records: [] }, 'record:authorized');
        const args: [object] = [{ requestId: 'req_1', amountMinor: 700 }];
        const update = await handle.executeUpdate('capture', { args });
        expect(update).toEqual({ status: 'succeeded' });
      },
    );
    expect(calls.steps.slice(2)).toEqual(['capture:700', 'record:succeeded']);
    expect(calls.records.at(-1)).toMatchObject({
      capturedMinor: 700,
      heldMinor: 0,
      requestId: 'req_1',
    });
  });

  it('who cancels twice gets one cancel and one refusal', async () => {
    const { result } = await play(
      { authorize: [await holding('void')], release: [nothingHeld] },
      async ({ handle, calls }) => {
        await reaches(calls, 'record:authorized');
        const cancel = (requestId: string) =>
          handle.executeUpdate('cancel', { args: [{ requestId }], updateId: requestId });
        const both = await Promise.allSettled([cancel('req_1'), cancel('req_2')]);
        const won = both.filter(({ status }) => status === 'fulfilled');
        expect(won).toHaveLength(1);
        for (const lost of both.filter(({ status }) => status === 'rejected')) {
          expect(lost).toMatchObject({ reason: expect.any(WorkflowUpdateFailedError) });
        }
      },
    );
    expect(result).toEqual({ status: 'canceled' });
  });

  it('who cancels while the card is being charged gets the money back', async () => {
    const { result, calls } = await play(
      { authorize: [outage(faultTypes.providerUnavailable), captured], release: [allRefunded] },
      async ({ handle, calls: seen }) => {
        await reaches(seen, 'authorize');
        const args: [object] = [{ requestId: 'req_1' }];
        expect(await handle.executeUpdate('cancel', { args })).toEqual({ status: 'canceled' });
      },
    );
    expect(result).toEqual({ status: 'canceled' });
    expect(calls.records.at(-1)).toMatchObject({ requestId: 'req_1', refundedMinor: 1_250 });
  });

  it('whose capture fails for good finds the hold released and the payment failed', async () => {
    const { result, calls } = await play(
      { authorize: [await holding('void')], capture: [refusal(faultTypes.providerRejected)] },
      async ({ handle, calls: seen }) => {
        await reaches(seen, 'record:authorized');
        const args: [object] = [{ requestId: 'req_1', amountMinor: 1_250 }];
        expect(await handle.executeUpdate('capture', { args })).toEqual({ status: 'failed' });
      },
    );
    expect(result).toEqual({ status: 'failed' });
    expect(calls.steps.slice(-3)).toEqual(['release:undo', 'record:failed', 'refuse:req_1']);
  });

  it('is refused an amount that is none', async () => {
    await play({ authorize: [await holding('void')] }, async ({ handle, calls }) => {
      await reaches(calls, 'record:authorized');
      for (const amountMinor of [0, -1, 0.5, '1', undefined]) {
        const update = handle.executeUpdate('capture', { args: [{ requestId: 'r', amountMinor }] });
        await expect(update).rejects.toThrow(WorkflowUpdateFailedError);
      }
      await handle.executeUpdate('cancel', { args: [{ requestId: 'req_1' }] });
    });
  });
});

describe('a customer', () => {
  it('who passes the challenge is charged, also when no webhook tells of it', async () => {
    const { result, calls } = await play({ authorize: [challenge], read: [challenge, captured] });
    expect(result).toEqual({ status: 'succeeded' });
    expect(calls.steps).toEqual([
      'authorize',
      'record:requires_action',
      'read',
      'read',
      'record:succeeded',
    ]);
  });

  it.each([
    [challenge, 'authentication_abandoned'],
    [browser, 'confirmation_abandoned'],
  ])(
    'who never acts ends the payment at its deadline, and the intent is closed',
    async (action, code) => {
      const { result, calls } = await play({ authorize: [action] });
      expect(result).toEqual({ status: 'failed' });
      expect(calls.steps.filter((step) => step === 'read')).toHaveLength(6);
      expect(calls.steps.slice(-2)).toEqual(['release:undo', 'record:failed']);
      expect(calls.records.at(-1)).toMatchObject({ failure: { code } });
    },
  );

  it('is waited for through an outage of the provider', async () => {
    const away = outage(faultTypes.providerUnavailable);
    const read = [away, away, away, away, captured];
    const { result } = await play({ authorize: [challenge], read });
    expect(result).toEqual({ status: 'succeeded' });
  });

  it('whose challenge is heard of by a webhook is not kept waiting', async () => {
    const { calls } = await play(
      { authorize: [challenge], read: [captured] },
      async ({ handle, calls: seen }) => {
        await reaches(seen, 'record:requires_action');
        await handle.signal('providerNews');
      },
    );
    expect(calls.steps.filter((step) => step === 'read')).toHaveLength(1);
  });
});
