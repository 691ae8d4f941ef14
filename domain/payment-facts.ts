/**
 * What can happen to a payment beside its status, each with the event that tells it. A fact takes
 * the payment's next version, as a change of status does, so that consumers who count miss nothing.
 */
export const paymentFactTypes = {
  holdExpiring: 'payment.hold_expiring.v1',
  disputeOpened: 'payment.dispute_opened.v1',
  disputeClosed: 'payment.dispute_closed.v1',
  refundRequested: 'refund.requested.v1',
  refundSucceeded: 'refund.succeeded.v1',
  refundFailed: 'refund.failed.v1',
  refundCanceled: 'refund.canceled.v1',
  /** It had succeeded, and the money came back to the merchant. */
  refundReversed: 'refund.reversed.v1',
} as const;

export type PaymentFactType = (typeof paymentFactTypes)[keyof typeof paymentFactTypes];
