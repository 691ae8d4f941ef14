import StripeSdk from 'stripe';
import {
  ProviderError,
  type ConfirmAnswer,
  type IntentSnapshot,
  type ProviderErrorDetails,
  type ProviderErrorKind,
} from '../../application/ports/payment-provider';
import { toIntentSnapshot, type AnswerOrigin } from './snapshots';

type StripeError = InstanceType<typeof StripeSdk.errors.StripeError>;

function originOf(error: StripeError): AnswerOrigin {
  return {
    replayed: error.headers?.['idempotent-replayed'] === 'true',
    requestId: error.requestId ?? null,
  };
}

function intentOf(error: StripeError): IntentSnapshot | null {
  const intent = error.payment_intent;
  return intent === undefined ? null : toIntentSnapshot(intent, originOf(error));
}

/**
 * The class of an error answer. The order matters: an unreadable body has no status at all; a
 * replayed refusal tells of the moment it was stored, whatever its code, and stays as long as its
 * key; a 409 also has the type idempotency_error.
 */
function classify(error: StripeError): ProviderErrorKind {
  const { statusCode: status, code } = error;
  if (status === undefined) return 'unknown_outcome';
  if (originOf(error).replayed) return 'replayed_failure';
  if (status >= 500) return 'unknown_outcome';
  if (status === 429 || code === 'rate_limit' || code === 'lock_timeout') return 'rate_limited';
  if (status === 409) return 'in_flight';
  if (error.rawType === 'idempotency_error') return 'key_conflict';
  if (status === 401 || status === 403) return 'unauthorized';
  if (code === 'payment_intent_unexpected_state') return 'unexpected_state';
  if (code === 'charge_already_refunded') return 'already_refunded';
  if (status === 404) return 'not_found';
  return 'invalid_request';
}

function retryAfterMs(error: StripeError): number | null {
  const seconds = Number(error.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

/** Codes and field names only: Stripe's own text may quote what the customer typed. */
function safeMessage(error: StripeError, kind: ProviderErrorKind): string {
  const facts = [
    `Stripe ${kind.replaceAll('_', ' ')}`,
    ...(error.statusCode === undefined ? [] : [`HTTP ${error.statusCode}`]),
    ...(error.code === undefined ? [] : [error.code]),
    ...(error.param === undefined ? [] : [`param ${error.param}`]),
  ];
  return facts.join(', ');
}

/** A failure without an answer: it may have been applied, so its outcome is unknown. */
export function unknownOutcome(code: string, requestId: string | null = null): ProviderError {
  return new ProviderError({
    kind: 'unknown_outcome',
    code,
    message: `Stripe gave no usable answer: ${code.replaceAll('_', ' ')}`,
    requestId,
    httpStatus: null,
  });
}

/** Any failure of a call, as the port declares it. */
export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof StripeSdk.errors.StripeConnectionError) {
    return unknownOutcome('connection_lost', error.requestId ?? null);
  }
  // An error of the library's own making tells nothing about what reached Stripe.
  if (!(error instanceof StripeSdk.errors.StripeError)) return unknownOutcome('client_failure');
  const kind = classify(error);
  const waitMs = retryAfterMs(error);
  const intent = intentOf(error);
  const details: ProviderErrorDetails = {
    kind,
    message: safeMessage(error, kind),
    code: error.code ?? null,
    requestId: error.requestId ?? null,
    httpStatus: error.statusCode ?? null,
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
    ...(intent === null ? {} : { intent }),
  };
  return new ProviderError(details);
}

/** The issuer's refusal of a confirm, or null when the error is anything else. */
export function toDecline(error: unknown): ConfirmAnswer | null {
  if (!(error instanceof StripeSdk.errors.StripeCardError)) return null;
  const intent = intentOf(error);
  if (intent === null) return null;
  const decline = {
    code: error.code ?? 'unknown',
    declineCode: error.decline_code ?? null,
    message: error.message,
  };
  return { kind: 'declined', intent, decline };
}
