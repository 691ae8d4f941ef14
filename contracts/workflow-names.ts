/** Names and ids seen by Temporal. They are never renamed: running workflows carry them. */
export const workflowTypes = {
  processPayment: 'processPayment',
  outboxRelay: 'outboxRelay',
  sweepPayments: 'sweepPayments',
  reconcilePayments: 'reconcilePayments',
  refundPayment: 'refundPayment',
  applyProviderFact: 'applyProviderFact',
  reviewPayment: 'reviewPayment',
  janitor: 'janitor',
  catchUpEvents: 'catchUpEvents',
} as const;

export const taskQueues = {
  saga: 'paysaga-saga',
  relay: 'paysaga-relay',
} as const;

export const searchAttributes = {
  paymentStatus: 'PaymentStatus',
  merchantId: 'MerchantId',
  amountMinor: 'AmountMinor',
} as const;

export const queries = {
  getPayment: 'getPayment',
  getRefund: 'getRefund',
  getRelay: 'getRelay',
} as const;

export const signals = {
  pauseRelay: 'pause',
  resumeRelay: 'resume',
  redrive: 'redrive',
  /** The provider may have something new to say: read it. It carries nothing. */
  providerNews: 'providerNews',
} as const;

export const updates = {
  capture: 'capture',
  cancel: 'cancel',
  retryCompensation: 'retryCompensation',
  resolveManually: 'resolveManually',
} as const;

/** The header by which a workflow and its activities know the trace they belong to. */
export const traceHeader = 'traceparent';

/** The id of the saga of a payment: `payment:<paymentId>`. */
export function processPaymentWorkflowId(paymentId: string): string {
  return `payment:${paymentId}`;
}

/** The id of the saga of a refund: `refund:<refundId>`. */
export function refundPaymentWorkflowId(refundId: string): string {
  return `refund:${refundId}`;
}

/**
 * The id of the workflow that applies what came after the saga had ended: `provider-fact:<event>`.
 * @param cause the provider's id of the event, or another text that names why the look is taken
 */
export function providerFactWorkflowId(cause: string): string {
  return `provider-fact:${cause}`;
}

/** The id of the workflow that serves an operator once the saga is no more: `review:<paymentId>`. */
export function reviewWorkflowId(paymentId: string): string {
  return `review:${paymentId}`;
}

/** The id of the supervisor of a relay shard: `outbox-relay:<shard>`. */
export function outboxRelayWorkflowId(shard: number): string {
  return `outbox-relay:${shard}`;
}

/** The id of the workflow of a reconciliation that somebody asked for: `reconcile:<runId>`. */
export function reconciliationWorkflowId(runId: string): string {
  return `reconcile:${runId}`;
}

/** The id of the schedule that starts a reconciliation. */
export const reconciliationScheduleId = 'reconcile-payments';

/** The id of the schedule that starts the sweeper. */
export const sweeperScheduleId = 'sweep-payments';

/** The id of the schedule that starts the janitor. */
export const janitorScheduleId = 'janitor';
/** The id of the schedule that looks for webhooks that never came. */
export const catchUpScheduleId = 'catch-up-events';
