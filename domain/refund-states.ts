import { paymentFactTypes } from './payment-facts';
import type { PaymentFactType } from './payment-facts';

export const refundStatuses = ['pending', 'succeeded', 'failed', 'canceled'] as const;

export type RefundStatus = (typeof refundStatuses)[number];

/**
 * Every legal change of a refund with the event it emits; null is its birth. A refund that has
 * succeeded can still fail: the customer's bank sends the money back.
 */
const edges: ReadonlyArray<readonly [RefundStatus | null, RefundStatus, PaymentFactType]> = [
  [null, 'pending', paymentFactTypes.refundRequested],
  ['pending', 'succeeded', paymentFactTypes.refundSucceeded],
  ['pending', 'failed', paymentFactTypes.refundFailed],
  ['pending', 'canceled', paymentFactTypes.refundCanceled],
  ['succeeded', 'failed', paymentFactTypes.refundReversed],
];

/** The event of a change, or null where the change is not legal: news that came late or twice. */
export function refundEvent(from: RefundStatus | null, to: RefundStatus): PaymentFactType | null {
  return edges.find((edge) => edge[0] === from && edge[1] === to)?.[2] ?? null;
}

/** Whether the refund's amount is taken from what can still be refunded. */
export function isRefundCounted(status: RefundStatus): boolean {
  return status === 'pending' || status === 'succeeded';
}
