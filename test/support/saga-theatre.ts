import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { registerSearchAttributes } from '../../adapters/temporal/search-attributes';
import type {
  AuthorizeResult,
  CaptureInput,
  FundsReport,
  HoldNoticeInput,
  ProcessPaymentInput,
  ProcessPaymentResult,
  RecordInput,
  RefuseRequestInput,
  ReleaseInput,
} from '../../contracts/saga';
import { eventually } from './eventually';
import { silenceTemporal, silentLog } from './silent-log';
import { fromStack } from './stack-environment';
import type { processPayment } from '../../workflows/process-payment';

/** What an activity answers, call by call; the last answer is repeated. */
export type Script<T> = readonly (T | Error)[];

export interface World {
  readonly authorize: Script<AuthorizeResult>;
  readonly release?: Script<FundsReport>;
  readonly capture?: Script<AuthorizeResult>;
  /** What the provider says when it is asked where the payment stands. */
  readonly read?: Script<AuthorizeResult>;
  /** By status; a status that is not named is recorded. */
  readonly record?: Partial<Record<RecordInput['status'], Script<'recorded'>>>;
}

export interface Calls {
  /** Every step in order, such as `authorize`, `release:undo`, `record:failed`. */
  readonly steps: string[];
  readonly records: RecordInput[];
}

export const captured: AuthorizeResult = {
  kind: 'captured',
  capturedMinor: 1_250,
  chargeId: 'ch_1',
};
export const nothingHeld: FundsReport = { heldMinor: 0, capturedMinor: 0, refundedMinor: 0 };
export const allRefunded: FundsReport = {
  heldMinor: 0,
  capturedMinor: 1_250,
  refundedMinor: 1_250,
};
export const stillCaptured: FundsReport = {
  heldMinor: 0,
  capturedMinor: 1_250,
  refundedMinor: 0,
};

export const outage = (type: string) => ApplicationFailure.retryable(`${type} for now`, type);
export const refusal = (type: string) => ApplicationFailure.nonRetryable(`${type} for good`, type);

/** The time-skipping server; one for each file, because a shared one never skips. */
export async function createSagaTheatre() {
  silenceTemporal();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: {
      executable: { type: 'existing-path', path: fromStack('TEMPORAL_TEST_SERVER_PATH') },
    },
  });
  await registerSearchAttributes({ client: environment.client, log: silentLog });

  return {
    environment,
    /** Runs one saga against the script, and `during` beside it. */
    async play(
      world: World,
      options: {
        readonly input?: Partial<ProcessPaymentInput>;
        readonly during?: (play: Play) => Promise<void>;
        /** Nobody takes a step until one has timed out; the workflow itself goes on. */
        readonly absentAtFirst?: boolean;
      } = {},
    ): Promise<{ result: ProcessPaymentResult; calls: Calls }> {
      const { activities, calls } = scripted(world);
      const where = {
        connection: environment.nativeConnection,
        taskQueue: randomUUID(),
        workflowBundle: { codePath: fromStack('WORKFLOW_BUNDLE_PATH') },
      };
      const handle = await environment.client.workflow.start<typeof processPayment>(
        'processPayment',
        {
          workflowId: `payment:${randomUUID()}`,
          taskQueue: where.taskQueue,
          args: [{ ...sagaInput, ...options.input }],
        },
      );
      if (options.absentAtFirst === true) {
        // It caches nothing: this server would keep the workflow for a worker that is gone.
        const idle = await Worker.create({ ...where, maxCachedWorkflows: 0 });
        await idle.runUntil(() => eventually(() => assertTimedOut(handle)));
      }
      const worker = await Worker.create({ ...where, activities });
      const result = await worker.runUntil(async () => {
        await options.during?.({ handle, calls });
        return handle.result();
      });
      return { result, calls };
    },
    close: () => environment.teardown(),
  };
}

export interface Play {
  readonly handle: Awaited<ReturnType<TestWorkflowEnvironment['client']['workflow']['start']>>;
  readonly calls: Calls;
}

export const sagaInput: ProcessPaymentInput = {
  paymentId: 'pay_1',
  merchantId: 'mer_1',
  amountMinor: 1_250,
  currency: 'EUR',
  flags: { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true },
  budgets: {
    authorize: { attempts: 4, timeoutMs: 30_000, totalMs: 600_000 },
    undo: { attempts: 3, timeoutMs: 30_000, totalMs: 3_600_000 },
    recordTimeoutMs: 5_000,
    retryInitialMs: 2_000,
    retryMaxMs: 60_000,
  },
};

async function assertTimedOut(handle: Play['handle']): Promise<void> {
  const { events } = await handle.fetchHistory();
  const timeouts = (events ?? []).filter((event) => event.activityTaskTimedOutEventAttributes);
  if (timeouts.length === 0) throw new Error('no step has timed out');
}

function scripted(world: World) {
  const calls: Calls = { steps: [], records: [] };
  const next = new Map<string, number>();
  function answer<T>(key: string, script: Script<T>): T {
    const index = next.get(key) ?? 0;
    next.set(key, index + 1);
    const said = script[Math.min(index, script.length - 1)];
    if (said === undefined || said instanceof Error) throw said ?? new Error(`${key}: no script`);
    return said;
  }
  const activities = {
    authorizePayment: async () => {
      calls.steps.push('authorize');
      return answer('authorize', world.authorize);
    },
    capturePayment: async ({ amountMinor }: CaptureInput) => {
      calls.steps.push(`capture:${amountMinor}`);
      return answer('capture', world.capture ?? [captured]);
    },
    readProvider: async () => {
      calls.steps.push('read');
      return answer('read', world.read ?? world.authorize);
    },
    noteHoldExpiring: async ({ policy }: HoldNoticeInput) => {
      calls.steps.push(`notice:${policy}`);
    },
    refuseRequest: async ({ requestId }: RefuseRequestInput) => {
      calls.steps.push(`refuse:${requestId}`);
    },
    releaseFunds: async ({ mode }: ReleaseInput) => {
      calls.steps.push(`release:${mode}`);
      return answer('release', world.release ?? [nothingHeld]);
    },
    recordOutcome: async (input: RecordInput) => {
      calls.steps.push(`record:${input.status}`);
      answer(input.status, world.record?.[input.status] ?? ['recorded']);
      calls.records.push(input);
    },
  };
  return { activities, calls };
}
