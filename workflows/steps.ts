import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { SagaBudgets } from '../contracts/saga';
import type { FeatureFlags } from '../contracts/flags';

type Forward = Pick<Activities, 'authorizePayment'>;
type Back = Pick<Activities, 'releaseFunds'>;
type Record = Pick<Activities, 'recordOutcome'>;

/** The saga's steps, each with its budget. */
export interface Steps {
  readonly forward: Forward;
  readonly back: Back;
  /** For an operator who waits: they are told after a few attempts, not after hours. */
  readonly backOnRequest: Back;
  /** Local: saves the two history events and the round trip of a regular activity. */
  readonly record: Record;
  /** An update's answer is held back while a local activity runs, so parked payments use this one. */
  readonly recordRegularly: Record;
}

// How long a killed worker's step rests before another worker runs it. Three beats of the
// activities, and far below the step's own timeout, which has to cover a slow provider.
const heartbeatTimeoutMs = 10_000;

/** Builds the steps from the budgets in the workflow's input; the same input, the same steps. */
export function stepsWith(budgets: SagaBudgets, flags: FeatureFlags): Steps {
  const backoff = {
    initialInterval: budgets.retryInitialMs,
    maximumInterval: budgets.retryMaxMs,
    backoffCoefficient: 2,
  };
  const record = { startToCloseTimeout: budgets.recordTimeoutMs, retry: backoff };
  const undo = {
    startToCloseTimeout: budgets.undo.timeoutMs,
    heartbeatTimeout: heartbeatTimeoutMs,
    scheduleToCloseTimeout: budgets.undo.totalMs,
    summary: 'release what is held, refund what is captured',
  };
  return {
    forward: proxyActivities<Forward>({
      startToCloseTimeout: budgets.authorize.timeoutMs,
      heartbeatTimeout: heartbeatTimeoutMs,
      scheduleToCloseTimeout: budgets.authorize.totalMs,
      retry: {
        ...backoff,
        maximumAttempts: flags.retryLogic ? budgets.authorize.attempts : 1,
      },
      summary: 'charge the card',
    }),
    back: proxyActivities<Back>({
      ...undo,
      retry: { ...backoff, maximumAttempts: budgets.undo.attempts },
    }),
    backOnRequest: proxyActivities<Back>({ ...undo, retry: { ...backoff, maximumAttempts: 5 } }),
    // A wait above the threshold becomes a timer: queries and updates are answered while the database
    // is away, instead of being held back by the local activity.
    record: proxyLocalActivities<Record>({ ...record, localRetryThreshold: '1 second' }),
    recordRegularly: proxyActivities<Record>(record),
  };
}
