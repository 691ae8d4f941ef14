import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { faultTypes } from '../contracts/saga';
import type { SagaBudgets } from '../contracts/saga';
import type { FeatureFlags } from '../contracts/flags';

export type Forward = Pick<Activities, 'authorizePayment' | 'capturePayment'>;
type Reading = Pick<Activities, 'readProvider'>;
type Back = Pick<Activities, 'releaseFunds'>;
type Record = Pick<Activities, 'recordOutcome'>;
type Note = Pick<Activities, 'noteHoldExpiring' | 'refuseRequest' | 'readReview'>;

/** The saga's steps, each with its budget. */
export interface Steps {
  /** Ends at once when the database is away: the budget counts what the provider did. */
  readonly forward: Forward;
  /** Waits for the database without an end, as recording does; ends at a fault of the provider. */
  readonly forwardThroughOutage: Forward;
  /** Whether the provider may be asked again after it failed. */
  readonly forwardRepeats: boolean;
  /** Always repeats, whatever the retry flag says: not to know is worse than to ask again. */
  readonly reading: Reading;
  readonly back: Back;
  /** For an operator who waits: they are told after a few attempts, not after hours. */
  readonly backOnRequest: Back;
  /** Local: saves the two history events and the round trip of a regular activity. */
  readonly record: Record;
  /** An update's answer is held back while a local activity runs, so parked payments use this one. */
  readonly recordRegularly: Record & Note;
}

// How long a killed worker's step rests before another worker runs it. Three beats of the
// activities, and far below the step's own timeout, which has to cover a slow provider.
const heartbeatTimeoutMs = 10_000;

// Faults of ours that pass, whatever the provider does.
const storeFaults: string[] = [faultTypes.storeUnavailable, faultTypes.storeConflict];
const otherFaults = Object.values(faultTypes).filter((type) => !storeFaults.includes(type));

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
  const charge = {
    startToCloseTimeout: budgets.authorize.timeoutMs,
    heartbeatTimeout: heartbeatTimeoutMs,
  };
  return {
    forward: proxyActivities<Forward>({
      ...charge,
      scheduleToCloseTimeout: budgets.authorize.totalMs,
      retry: {
        ...backoff,
        maximumAttempts: flags.retryLogic ? budgets.authorize.attempts : 1,
        nonRetryableErrorTypes: storeFaults,
      },
      summary: 'charge the card',
    }),
    forwardThroughOutage: proxyActivities<Forward>({
      ...charge,
      retry: { ...backoff, nonRetryableErrorTypes: otherFaults },
      summary: 'charge the card once the database is back',
    }),
    forwardRepeats: flags.retryLogic,
    reading: proxyActivities<Reading>({
      ...charge,
      scheduleToCloseTimeout: budgets.authorize.totalMs,
      retry: { ...backoff, maximumAttempts: budgets.authorize.attempts },
      summary: 'ask the provider where the payment stands',
    }),
    back: proxyActivities<Back>({
      ...undo,
      retry: { ...backoff, maximumAttempts: budgets.undo.attempts },
    }),
    backOnRequest: proxyActivities<Back>({ ...undo, retry: { ...backoff, maximumAttempts: 5 } }),
    // A wait above the threshold becomes a timer: queries and updates are answered while the database
    // is away, instead of being held back by the local activity.
    record: proxyLocalActivities<Record>({ ...record, localRetryThreshold: '1 second' }),
    recordRegularly: proxyActivities<Record & Note>(record),
  };
}
