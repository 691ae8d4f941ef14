import type Stripe from 'stripe';
import type {
  CancelIntentParams,
  CaptureIntentParams,
  ConfirmIntentParams,
  CreateIntentParams,
  CreateRefundParams,
  EventQuery,
} from '../../application/ports/payment-provider';
import { PAYMENT_ID_KEY, REFUND_ID_KEY } from './metadata';
import { toStripeAmount } from './stripe-amount';

/** Stripe's largest page. */
export const PAGE_SIZE = 100;

// Every builder is a pure function of the stored parameters: a repeated call must send the same
// bytes, or Stripe answers idempotency_error. A new field therefore only ever comes from a new
// stored parameter, never from the code's version or its environment.

/** Without the charge itself there is no `capture_before` and no refunded amount to read. */
const WITH_CHARGE = ['latest_charge'];

/**
 * Cards only, because a server-side confirm of an intent open to redirect methods is a 400
 * without a return_url. The list is called `allowed_payment_method_types` since 2026-09-30.
 */
export function createIntentParams(params: CreateIntentParams): Stripe.PaymentIntentCreateParams {
  return {
    amount: toStripeAmount(params.amountMinor, params.currency),
    currency: params.currency.toLowerCase(),
    allowed_payment_method_types: ['card'],
    // Left out it would be automatic_async, which answers before the money has moved.
    capture_method: params.captureMethod,
    ...(params.description === null ? {} : { description: params.description }),
    ...(params.customer === null ? {} : { customer: params.customer }),
    ...(params.setupFutureUsage === null ? {} : { setup_future_usage: params.setupFutureUsage }),
    metadata: { ...params.metadata, [PAYMENT_ID_KEY]: params.paymentId },
    expand: WITH_CHARGE,
  };
}

export function confirmIntentParams(
  params: ConfirmIntentParams,
): Stripe.PaymentIntentConfirmParams {
  return {
    payment_method: params.paymentMethod,
    ...(params.returnUrl === null ? {} : { return_url: params.returnUrl }),
    ...(params.offSession ? { off_session: true } : {}),
    expand: WITH_CHARGE,
  };
}

export function captureIntentParams(
  params: CaptureIntentParams,
): Stripe.PaymentIntentCaptureParams {
  return {
    amount_to_capture: toStripeAmount(params.amountMinor, params.currency),
    expand: WITH_CHARGE,
  };
}

export function cancelIntentParams(params: CancelIntentParams): Stripe.PaymentIntentCancelParams {
  return {
    ...(params.reason === null ? {} : { cancellation_reason: params.reason }),
    expand: WITH_CHARGE,
  };
}

export function retrieveIntentParams(): Stripe.PaymentIntentRetrieveParams {
  return { expand: WITH_CHARGE };
}

export function createRefundParams(params: CreateRefundParams): Stripe.RefundCreateParams {
  return {
    payment_intent: params.intentId,
    amount: toStripeAmount(params.amountMinor, params.currency),
    ...(params.reason === null ? {} : { reason: params.reason }),
    metadata: { [PAYMENT_ID_KEY]: params.paymentId, [REFUND_ID_KEY]: params.refundId },
  };
}

export function listEventsParams(query: EventQuery): Stripe.EventListParams {
  return {
    types: [...query.types],
    created: {
      gte: toUnixTime(query.from),
      ...(query.before === null ? {} : { lt: toUnixTime(query.before) }),
    },
    limit: PAGE_SIZE,
    ...(query.startingAfter === null ? {} : { starting_after: query.startingAfter }),
  };
}

function toUnixTime(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
