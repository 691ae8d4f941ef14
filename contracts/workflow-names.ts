/** Names and ids seen by Temporal. They are never renamed: running workflows carry them. */
export const workflowTypes = {
  processPayment: 'processPayment',
  outboxRelay: 'outboxRelay',
  sweepPayments: 'sweepPayments',
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
  getRelay: 'getRelay',
} as const;

export const signals = {
  pauseRelay: 'pause',
  resumeRelay: 'resume',
  redrive: 'redrive',
} as const;

export const updates = {
  retryCompensation: 'retryCompensation',
  resolveManually: 'resolveManually',
} as const;

/** The header by which a workflow and its activities know the trace they belong to. */
export const traceHeader = 'traceparent';

/** The id of the saga of a payment: `payment:<paymentId>`. */
export function processPaymentWorkflowId(paymentId: string): string {
  return `payment:${paymentId}`;
}

/** The id of the supervisor of a relay shard: `outbox-relay:<shard>`. */
export function outboxRelayWorkflowId(shard: number): string {
  return `outbox-relay:${shard}`;
}

/** The id of the schedule that starts the sweeper. */
export const sweeperScheduleId = 'sweep-payments';
