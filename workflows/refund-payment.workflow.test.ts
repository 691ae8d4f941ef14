import { WorkflowFailedError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import type { RefundPaymentInput, RefundStanding, SettleRefundInput } from '../contracts/refund';
import { faultTypes } from '../contracts/saga';
import { eventually } from '../test/support/eventually';
import { createSagaTheatre, outage, refusal, sagaInput } from '../test/support/saga-theatre';
import type { Script } from '../test/support/saga-theatre';
import { fromStack } from '../test/support/stack-environment';
import type { refundPayment } from './refund-payment';

jest.setTimeout(60_000);

let theatre: Awaited<ReturnType<typeof createSagaTheatre>>;

beforeAll(async () => {
  theatre = await createSagaTheatre();
});

afterAll(() => theatre?.close());

const day = 86_400_000;
const pending: RefundStanding = { status: 'pending' };
const succeeded: RefundStanding = { status: 'succeeded' };
const away = outage(faultTypes.providerUnavailable);
const unknown = refusal(faultTypes.providerRejected);

interface World {
  readonly send: Script<RefundStanding>;
  readonly read?: Script<RefundStanding>;
  readonly settle?: Script<RefundStanding>;
}

interface Play {
  readonly handle: Awaited<ReturnType<typeof start>>;
  readonly steps: readonly string[];
}

const input: RefundPaymentInput = {
  paymentId: 'pay_1',
  refundId: 're_1',
  flags: sagaInput.flags,
  budgets: sagaInput.budgets,
};

function start(given: Partial<RefundPaymentInput>, taskQueue: string) {
  return theatre.environment.client.workflow.start<typeof refundPayment>('refundPayment', {
    workflowId: `refund:${randomUUID()}`,
    taskQueue,
    args: [{ ...input, ...given }],
  });
}

/** Runs one refund against the script, and `during` beside it. */
async function play(
  world: World,
  options: {
    readonly given?: Partial<RefundPaymentInput>;
    readonly during?: (play: Play) => Promise<void>;
  } = {},
) {
  const { activities, steps } = scripted(world);
  const taskQueue = randomUUID();
  const handle = await start(options.given ?? {}, taskQueue);
  const worker = await Worker.create({
    connection: theatre.environment.nativeConnection,
    taskQueue,
    workflowBundle: { codePath: fromStack('WORKFLOW_BUNDLE_PATH') },
    activities,
  });
  const result = await worker.runUntil(async () => {
    await options.during?.({ handle, steps });
    return handle.result();
  });
  return { result, steps, handle };
}

function scripted(world: World) {
  const steps: string[] = [];
  const next = new Map<string, number>();
  function answer<T>(key: string, script: Script<T>): T {
    steps.push(key);
    const index = next.get(key) ?? 0;
    next.set(key, index + 1);
    const said = script[Math.min(index, script.length - 1)];
    if (said === undefined || said instanceof Error) throw said ?? new Error(`${key}: no script`);
    return said;
  }
  const activities = {
    sendRefund: async () => answer('send', world.send),
    readRefund: async () => answer('read', world.read ?? []),
    settleRefund: async ({ providerRef }: SettleRefundInput) =>
      answer(`settle:${providerRef}`, world.settle ?? []),
    noteRefundParked: async () => void steps.push('parked'),
    announceRefund: async () => void steps.push('announce'),
  };
  return { activities, steps };
}

const isParked = ({ handle }: Play) =>
  eventually(async () => {
    const { step } = await handle.query<{ step: string }>('getRefund');
    expect(step).toBe('parked');
  });

test('a refund that succeeds at once is one step', async () => {
  const { result, steps } = await play({ send: [succeeded] });
  expect(result).toEqual(succeeded);
  expect(steps).toEqual(['send']);
});

test('a refund that is refused is no failure of its saga', async () => {
  const { result } = await play({ send: [{ status: 'failed' }] });
  expect(result).toEqual({ status: 'failed' });
});

test('without the retry logic one attempt goes forward, and finding out repeats all the same', async () => {
  const flags = { ...input.flags, retryLogic: false };
  const { result, steps } = await play({ send: [away, away, succeeded] }, { given: { flags } });
  expect(result).toEqual(succeeded);
  expect(steps).toEqual(['send', 'send', 'send']);
});

test('without the outbox what is left unpublished goes out at the end', async () => {
  const flags = { ...input.flags, outboxPattern: false };
  const { steps } = await play({ send: [succeeded] }, { given: { flags } });
  expect(steps).toEqual(['send', 'announce']);
});

test('a refund under way for sixty days is asked for less and less often, and then ends', async () => {
  const looks = 70;
  const read = [...Array.from({ length: looks }, () => pending), succeeded];
  const startedAt = await theatre.environment.currentTimeMs();
  const { result, steps, handle } = await play({ send: [pending], read });
  expect(result).toEqual(succeeded);
  expect(steps.filter((step) => step === 'read')).toHaveLength(looks + 1);
  expect((await theatre.environment.currentTimeMs()) - startedAt).toBeGreaterThan(55 * day);
  const { events } = await handle.fetchHistory();
  expect(events?.length).toBeLessThan(1_000);
});

test('news end the wait at once', async () => {
  const { result, handle } = await play(
    { send: [pending], read: [succeeded] },
    { during: ({ handle: running }) => running.signal('providerNews') },
  );
  expect(result).toEqual(succeeded);
  const { events } = await handle.fetchHistory();
  expect(events?.some((event) => event.timerFiredEventAttributes)).toBe(false);
});

test('a provider that cannot be asked is asked again later', async () => {
  const { result } = await play({
    send: [pending],
    read: [away, away, away, away, away, succeeded],
  });
  expect(result).toEqual(succeeded);
});

test('every attempt of both budgets is made before an operator is asked', async () => {
  const { result, steps } = await play({
    send: [...Array.from({ length: 6 }, () => away), succeeded],
  });
  expect(result).toEqual(succeeded);
  expect(steps).toHaveLength(7);
});

test('a refund of which nobody knows waits for an operator, who may ask again', async () => {
  const { result, steps } = await play(
    { send: [unknown, unknown, succeeded] },
    {
      during: async (given) => {
        await isParked(given);
        const answer = await given.handle.executeUpdate('retryCompensation');
        expect(answer).toEqual(succeeded);
      },
    },
  );
  expect(result).toEqual(succeeded);
  // Forward, to find out, and for the operator.
  expect(steps).toEqual(['send', 'send', 'parked', 'send']);
});

test('an operator who is refused may settle it, and then it waits if the provider has it', async () => {
  const send = [unknown, unknown, unknown];
  const { result } = await play(
    { send, settle: [pending], read: [succeeded] },
    {
      during: async (given) => {
        await isParked(given);
        expect(await given.handle.executeUpdate('retryCompensation')).toEqual(pending);
        const args = [{ reason: 'seen in the dashboard', providerRef: 're_x' }] as const;
        expect(await given.handle.executeUpdate('resolveManually', { args: [...args] })).toEqual(
          pending,
        );
      },
    },
  );
  expect(result).toEqual(succeeded);
});

test('a parked refund that the provider tells of ends without an operator', async () => {
  const { result } = await play(
    { send: [unknown, unknown, succeeded] },
    {
      during: async (given) => {
        await isParked(given);
        await given.handle.signal('providerNews');
      },
    },
  );
  expect(result).toEqual(succeeded);
});

test('canceling the workflow keeps no refund from its end', async () => {
  const { result } = await play(
    { send: [pending], read: [succeeded] },
    {
      during: async ({ handle }) => {
        await handle.cancel();
      },
    },
  );
  expect(result).toEqual(succeeded);
});

test('a refund without a row fails its run, which may be started again', async () => {
  await expect(play({ send: [refusal(faultTypes.refundNotFound)] })).rejects.toThrow(
    WorkflowFailedError,
  );
});
