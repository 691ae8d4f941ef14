import type { ProviderEvent } from './provider-webhooks';

/**
 * The payment provider as the saga sees it. Every shape here is safe to put into JSON:
 * requests are stored before their first call and sent again exactly as stored, answers go
 * through workflow histories.
 *
 * Amounts are integer minor units of ISO 4217 (cents, yen, fils) and currencies are codes in
 * capitals; what the provider itself calls a smallest unit stays inside the adapter.
 */

export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

/** Why the issuer or the provider refused a card. `message` is safe to log and to show. */
export interface ProviderDecline {
  code: string;
  declineCode: string | null;
  message: string;
}

/** One payment intent at the moment of the answer. */
export interface IntentSnapshot {
  id: string;
  status: IntentStatus;
  amountMinor: number;
  currency: string;
  /** Held on the card and not captured. */
  capturableMinor: number;
  capturedMinor: number;
  /** Null when the answer named the charge without showing it: read the intent to know. */
  refundedMinor: number | null;
  chargeId: string | null;
  /** When the hold lapses, ISO 8601; null without a hold, or when the charge was not shown. */
  captureBefore: string | null;
  lastError: ProviderDecline | null;
  /** The payment id in the intent's metadata; null for an intent that is not ours. */
  paymentId: string | null;
  /** True when the answer is a stored one: a photograph of the first answer, so read again. */
  replayed: boolean;
  requestId: string | null;
}

/** A confirm is answered either way by the issuer; an outage is a `ProviderError` instead. */
export type ConfirmAnswer =
  | { kind: 'accepted'; intent: IntentSnapshot }
  | { kind: 'declined'; intent: IntentSnapshot; decline: ProviderDecline };

export type RefundStatus = 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';

export interface RefundSnapshot {
  id: string;
  status: RefundStatus;
  amountMinor: number;
  currency: string;
  intentId: string | null;
  chargeId: string | null;
  /** Our refund's id from the metadata; null for a refund made by hand at the provider. */
  refundId: string | null;
  failureReason: string | null;
  replayed: boolean;
  requestId: string | null;
}

/** A customer's bank takes a charge back, or asks about it. */
export interface DisputeSnapshot {
  id: string;
  /** The provider's own word; it adds some over time. */
  status: string;
  reason: string;
  amountMinor: number;
  currency: string;
  intentId: string | null;
  /** ISO 8601. */
  openedAt: string;
}

/** A part of the provider's history of events. Times are ISO 8601 and whole seconds. */
export interface EventQuery {
  types: readonly string[];
  /** Inclusive. */
  from: string;
  /** Exclusive; null reads up to now. */
  before: string | null;
  /** The last id of the page before. */
  startingAfter: string | null;
}

export interface EventPage {
  /** Newest first. */
  events: ProviderEvent[];
  /** Where the next page goes on; null on the last one. */
  next: string | null;
}

export type CaptureMethod = 'automatic' | 'manual';

export interface CreateIntentParams {
  paymentId: string;
  amountMinor: number;
  currency: string;
  captureMethod: CaptureMethod;
  description: string | null;
  /** The provider's customer, needed by payment methods that are attached to one. */
  customer: string | null;
  setupFutureUsage: 'on_session' | 'off_session' | null;
  /** The merchant's own pairs; the adapter writes ours after them. */
  metadata: Record<string, string>;
}

export interface ConfirmIntentParams {
  paymentMethod: string;
  returnUrl: string | null;
  /** The customer is not there to pass a challenge. */
  offSession: boolean;
}

export interface CaptureIntentParams {
  /** What is not captured is released. */
  amountMinor: number;
  currency: string;
}

export interface CancelIntentParams {
  reason: 'abandoned' | 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
}

export interface CreateRefundParams {
  refundId: string;
  paymentId: string;
  intentId: string;
  amountMinor: number;
  currency: string;
  reason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
}

/** A write that may be repeated: the same key always comes with the same parameters. */
export interface ProviderWrite<P> {
  idempotencyKey: string;
  params: P;
}

export type IntentWrite<P> = ProviderWrite<P> & { intentId: string };

/**
 * How a call failed, in the order of how much is known.
 * - `unknown_outcome`: timeout, lost connection, unreadable answer or a fresh 5xx; it may have
 *   been applied. Repeat with the same key, or read.
 * - `replayed_failure`: the provider stored a failure, of whatever kind, under this key and will
 *   repeat it for ever; only a read tells what was applied and what would be answered now.
 * - `key_conflict`: the key was first used with other parameters; unknown, never final.
 * - `in_flight`: an earlier request with this key still runs; repeat.
 * - `rate_limited`: not executed; repeat after `retryAfterMs`.
 * - `unexpected_state`: refused because of the intent's state, shown in `intent`.
 * - `already_refunded`: nothing is left to refund. (More than is left is an `invalid_request`.)
 * - `not_found`, `unauthorized`, `invalid_request`: final until somebody changes something.
 */
export type ProviderErrorKind =
  | 'unknown_outcome'
  | 'replayed_failure'
  | 'key_conflict'
  | 'in_flight'
  | 'rate_limited'
  | 'unexpected_state'
  | 'already_refunded'
  | 'not_found'
  | 'unauthorized'
  | 'invalid_request';

export interface ProviderErrorDetails {
  kind: ProviderErrorKind;
  /** Written by the adapter from codes alone, so it never carries card or customer data. */
  message: string;
  /** The provider's own machine-readable code, such as `lock_timeout`. */
  code: string | null;
  requestId: string | null;
  httpStatus: number | null;
  retryAfterMs?: number;
  intent?: IntentSnapshot;
}

/** The only error that a `PaymentProvider` throws. */
export class ProviderError extends Error {
  readonly kind: ProviderErrorKind;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly httpStatus: number | null;
  readonly retryAfterMs: number | null;
  readonly intent: IntentSnapshot | null;

  constructor(details: ProviderErrorDetails) {
    super(details.message);
    this.name = 'ProviderError';
    this.kind = details.kind;
    this.code = details.code;
    this.requestId = details.requestId;
    this.httpStatus = details.httpStatus;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.intent = details.intent ?? null;
  }
}

/**
 * Each call is one attempt with a timeout of its own and no retry inside: the caller owns the
 * retry budget. Each rejects with `ProviderError` only.
 */
export interface PaymentProvider {
  /** Creates an intent that is neither confirmed nor charged. */
  createIntent(write: ProviderWrite<CreateIntentParams>): Promise<IntentSnapshot>;
  /** Charges or holds, by the intent's capture method. */
  confirmIntent(write: IntentWrite<ConfirmIntentParams>): Promise<ConfirmAnswer>;
  captureIntent(write: IntentWrite<CaptureIntentParams>): Promise<IntentSnapshot>;
  /** Releases a hold, or closes an intent that was never charged. */
  cancelIntent(write: IntentWrite<CancelIntentParams>): Promise<IntentSnapshot>;
  /** The live intent, never a stored answer. */
  retrieveIntent(intentId: string): Promise<IntentSnapshot>;
  createRefund(write: ProviderWrite<CreateRefundParams>): Promise<RefundSnapshot>;
  retrieveRefund(refundId: string): Promise<RefundSnapshot>;
  /** Every refund of the intent, newest first. */
  listRefunds(intentId: string): Promise<RefundSnapshot[]>;
  /** Every dispute of the intent, newest first. */
  listDisputes(intentId: string): Promise<DisputeSnapshot[]>;
  /** One page of what happened; at most a month back. */
  listEvents(query: EventQuery): Promise<EventPage>;
}
