import type Stripe from 'stripe';

/**
 * What of a charge was really given back. Stripe counts the released part of a partial capture
 * into `amount_refunded`, so that part is taken off again.
 */
export function refundedAmount(charge: Stripe.Charge): number {
  if (!charge.captured) return 0;
  return charge.amount_refunded - (charge.amount - charge.amount_captured);
}

export function capturedNotRefunded(charge: Stripe.Charge): number {
  return charge.amount_captured - refundedAmount(charge);
}
