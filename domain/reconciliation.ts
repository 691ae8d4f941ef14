import type { Figures } from './ledger';
import type { PaymentStatus } from './payment-states';
import type { RefundStatus } from './refund-states';

/** How our records and the provider's can differ. */
export const driftTypes = [
  /** An intent with our mark that is not the one of its payment, or whose payment does not exist. */
  'missing_here',
  /** A payment whose intent the provider does not have. */
  'missing_there',
  'amount',
  'status',
  'refund_missing_here',
  'refund_missing_there',
  'refund_amount',
  'refund_status',
] as const;

export type DriftType = (typeof driftTypes)[number];

/** Amounts are integer minor units of `currency`. */
interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

export interface PaymentHere extends Money, Figures {
  readonly status: PaymentStatus;
  /** Asked for and not settled: the provider counts it as refunded, we do not yet. */
  readonly pendingRefundMinor: number;
}

export interface IntentThere extends Money {
  readonly status: string;
  readonly capturableMinor: number;
  readonly capturedMinor: number;
  /** Null when the provider did not say. */
  readonly refundedMinor: number | null;
}

export interface Difference {
  readonly type: DriftType;
  readonly here: object | null;
  readonly there: object | null;
}

const waiting: readonly PaymentStatus[] = ['pending', 'processing', 'requires_action'];

/** What a payment may be while its intent is in a state. One that is parked may be anything. */
const agreeing: Readonly<Record<string, readonly PaymentStatus[]>> = {
  requires_payment_method: waiting,
  requires_confirmation: waiting,
  requires_action: waiting,
  processing: waiting,
  requires_capture: ['authorized'],
  succeeded: ['succeeded'],
  canceled: ['failed', 'canceled'],
};

/** How a payment differs from its intent: at most one difference of status and one of amount. */
export function paymentDifferences(here: PaymentHere, there: IntentThere): Difference[] {
  const evidence = { here: { ...here }, there: { ...there } };
  const found: DriftType[] = [];
  if (!statusAgrees(here, there)) found.push('status');
  if (!amountsAgree(here, there)) found.push('amount');
  return found.map((type) => ({ type, ...evidence }));
}

function statusAgrees({ status }: PaymentHere, there: IntentThere): boolean {
  if (status === 'needs_review') return true;
  const isGivenBack = there.status === 'succeeded' && there.refundedMinor === there.capturedMinor;
  // A payment that failed after its money was taken has given it back.
  if (isGivenBack && (status === 'failed' || status === 'canceled')) return true;
  return (agreeing[there.status] ?? []).includes(status);
}

function amountsAgree(here: PaymentHere, there: IntentThere): boolean {
  const refunded = there.refundedMinor ?? here.refundedMinor;
  return (
    here.currency === there.currency &&
    here.amountMinor === there.amountMinor &&
    here.heldMinor === there.capturableMinor &&
    here.capturedMinor === there.capturedMinor &&
    refunded >= here.refundedMinor &&
    refunded <= here.refundedMinor + here.pendingRefundMinor
  );
}

export interface RefundHere extends Money {
  readonly status: RefundStatus;
}

export interface RefundThere extends Money {
  /** `requires_action` as well, which to us is a refund that is pending. */
  readonly status: string;
}

/** How a refund differs from the provider's. */
export function refundDifferences(here: RefundHere, there: RefundThere): Difference[] {
  const evidence = { here: { ...here }, there: { ...there } };
  const found: DriftType[] = [];
  const status = there.status === 'requires_action' ? 'pending' : there.status;
  if (here.status !== status) found.push('refund_status');
  if (here.amountMinor !== there.amountMinor || here.currency !== there.currency) {
    found.push('refund_amount');
  }
  return found.map((type) => ({ type, ...evidence }));
}

/** Nothing is held or taken by it, and it can still be confirmed. */
export function isOpenIntent(there: Pick<IntentThere, 'status'>): boolean {
  return ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(
    there.status,
  );
}

/**
 * Whether an intent of a payment that is not the stored one may be closed: the payment will never
 * come back to it.
 */
export function isStray(
  payment: { readonly status: PaymentStatus; readonly intentId: string | null },
  intentId: string,
): boolean {
  if (payment.intentId === intentId) return false;
  const hasEnded = ['succeeded', 'failed', 'canceled'].includes(payment.status);
  return hasEnded || payment.intentId !== null;
}
