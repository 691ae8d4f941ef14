import type Stripe from 'stripe';
import {
  ProviderError,
  type DisputeSnapshot,
  type IntentSnapshot,
  type IntentStatus,
  type ProviderDecline,
  type RefundSnapshot,
  type RefundStatus,
} from '../../application/ports/payment-provider';
import { PAYMENT_ID_KEY, REFUND_ID_KEY } from './metadata';
import { fromStripeAmount } from './stripe-amount';

/** Where an answer came from: the request, and whether Stripe replayed it for the key. */
export interface AnswerOrigin {
  replayed: boolean;
  requestId: string | null;
}

const INTENT_STATUSES: readonly IntentStatus[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
];
const REFUND_STATUSES: readonly RefundStatus[] = [
  'pending',
  'requires_action',
  'succeeded',
  'failed',
  'canceled',
];

/** A status that this code does not know may mean anything, so it counts as an unknown outcome. */
function known<T extends string>(statuses: readonly T[], status: string | null): T {
  const found = statuses.find((candidate) => candidate === status);
  if (found !== undefined) return found;
  throw new ProviderError({
    kind: 'unknown_outcome',
    code: 'unknown_status',
    message: 'Stripe answered with a status that this version does not know',
    requestId: null,
    httpStatus: null,
  });
}

/** The id of a field that Stripe shows as an id or, expanded, as the object. */
export function idOf(value: string | { id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : value.id;
}

/**
 * What was really given back: Stripe counts the released part of a partial capture, or of a
 * canceled hold, into `amount_refunded` as well.
 */
function refundedOf(charge: Stripe.Charge): number {
  if (charge.amount_captured === 0) return 0;
  return charge.amount_refunded - (charge.amount - charge.amount_captured);
}

function refundedMinor(charge: Stripe.PaymentIntent['latest_charge'], currency: string) {
  if (charge === null) return 0;
  return typeof charge === 'string' ? null : fromStripeAmount(refundedOf(charge), currency);
}

function captureBefore(charge: Stripe.PaymentIntent['latest_charge']): string | null {
  if (charge === null || typeof charge === 'string') return null;
  const seconds = charge.payment_method_details?.card?.capture_before;
  return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}

function declineOf(error: Stripe.PaymentIntent['last_payment_error']): ProviderDecline | null {
  if (error === null) return null;
  return {
    code: error.code ?? 'unknown',
    declineCode: error.decline_code ?? null,
    message: error.message ?? 'The payment was refused.',
  };
}

export function toIntentSnapshot(
  intent: Stripe.PaymentIntent,
  origin: AnswerOrigin,
): IntentSnapshot {
  const currency = intent.currency.toUpperCase();
  return {
    id: intent.id,
    status: known(INTENT_STATUSES, intent.status),
    amountMinor: fromStripeAmount(intent.amount, currency),
    currency,
    capturableMinor: fromStripeAmount(intent.amount_capturable, currency),
    capturedMinor: fromStripeAmount(intent.amount_received, currency),
    refundedMinor: refundedMinor(intent.latest_charge, currency),
    chargeId: idOf(intent.latest_charge),
    captureBefore: captureBefore(intent.latest_charge),
    lastError: declineOf(intent.last_payment_error),
    paymentId: intent.metadata[PAYMENT_ID_KEY] ?? null,
    ...origin,
  };
}

export function toRefundSnapshot(refund: Stripe.Refund, origin: AnswerOrigin): RefundSnapshot {
  const currency = refund.currency.toUpperCase();
  return {
    id: refund.id,
    status: known(REFUND_STATUSES, refund.status),
    amountMinor: fromStripeAmount(refund.amount, currency),
    currency,
    intentId: idOf(refund.payment_intent),
    chargeId: idOf(refund.charge),
    refundId: refund.metadata?.[REFUND_ID_KEY] ?? null,
    failureReason: refund.failure_reason ?? null,
    ...origin,
  };
}

export function toDisputeSnapshot(dispute: Stripe.Dispute): DisputeSnapshot {
  const currency = dispute.currency.toUpperCase();
  return {
    id: dispute.id,
    status: dispute.status,
    reason: dispute.reason,
    amountMinor: fromStripeAmount(dispute.amount, currency),
    currency,
    intentId: idOf(dispute.payment_intent),
    openedAt: new Date(dispute.created * 1000).toISOString(),
  };
}
