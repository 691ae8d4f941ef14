import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { FeatureFlags } from '../contracts/flags';
import type { SagaBudgets } from '../contracts/saga';

type Sending = Pick<Activities, 'sendRefund'>;
type Reading = Pick<Activities, 'readRefund'>;
type Settling = Pick<Activities, 'sendRefund' | 'settleRefund'>;
type Noting = Pick<Activities, 'noteRefundParked' | 'announceRefund'>;

/** The steps of a refund, each with its budget. */
export interface RefundSteps {
  /** One attempt only where the payment's retry logic is off. */
  readonly forward: Sending;
  /** Finds out by sending the same key again; always repeats, for nobody may guess about money. */
  readonly resolve: Sending;
  readonly reading: Reading;
  /** For an operator who waits: they are told after a few attempts, not after hours. */
  readonly onRequest: Settling;
  readonly noting: Noting;
}

// As for the payment's own steps: how long a killed worker's step rests.
const heartbeatTimeoutMs = 10_000;

/** Builds the steps from the budgets in the workflow's input; the same input, the same steps. */
export function refundStepsWith(budgets: SagaBudgets, flags: FeatureFlags): RefundSteps {
  const { authorize, undo } = budgets;
  const backoff = {
    initialInterval: budgets.retryInitialMs,
    maximumInterval: budgets.retryMaxMs,
    backoffCoefficient: 2,
  };
  const forward = {
    startToCloseTimeout: authorize.timeoutMs,
    heartbeatTimeout: heartbeatTimeoutMs,
    scheduleToCloseTimeout: authorize.totalMs,
  };
  const resolve = {
    startToCloseTimeout: undo.timeoutMs,
    heartbeatTimeout: heartbeatTimeoutMs,
    scheduleToCloseTimeout: undo.totalMs,
  };
  return {
    forward: proxyActivities<Sending>({
      ...forward,
      retry: { ...backoff, maximumAttempts: flags.retryLogic ? authorize.attempts : 1 },
      summary: 'ask the provider for the refund',
    }),
    resolve: proxyActivities<Sending>({
      ...resolve,
      retry: { ...backoff, maximumAttempts: undo.attempts },
      summary: 'find out what became of the refund',
    }),
    reading: proxyActivities<Reading>({
      ...forward,
      retry: { ...backoff, maximumAttempts: authorize.attempts },
      summary: 'ask the provider how the refund stands',
    }),
    onRequest: proxyActivities<Settling>({ ...resolve, retry: { ...backoff, maximumAttempts: 5 } }),
    noting: proxyActivities<Noting>({
      startToCloseTimeout: budgets.recordTimeoutMs,
      retry: backoff,
    }),
  };
}
