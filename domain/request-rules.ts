import type { PaymentStatus } from './payment-states';

/** What a payment must be for a capture: held. */
export function allowsCapture(status: PaymentStatus): boolean {
  return status === 'authorized';
}

/** Canceling calls off what has not come to an end; money that was captured is refunded instead. */
export function allowsCancel(status: PaymentStatus): boolean {
  return ['pending', 'processing', 'requires_action', 'authorized'].includes(status);
}

/** Only captured money can be given back, and a parked payment's is the operator's to settle. */
export function allowsRefund(status: PaymentStatus): boolean {
  return status === 'succeeded';
}

/** What can still be refunded: refunds under way have taken their part already. */
export function refundableMinor(payment: {
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly refunds: readonly { readonly amountMinor: number; readonly status: string }[];
}): number {
  const sum = (of: string) =>
    payment.refunds
      .filter(({ status }) => status === of)
      .reduce((total, { amountMinor }) => total + amountMinor, 0);
  // The figure can be above the rows: an operator's settlement takes it from the provider.
  const taken = Math.max(payment.refundedMinor, sum('succeeded')) + sum('pending');
  return Math.max(0, payment.capturedMinor - taken);
}
