import type Stripe from 'stripe';
import { ApiFailure, invalidRequest } from './api-failure';
import type { Call } from './call';
import { beginChallenge, checkReturnUrl } from './challenge';
import { chargeCard, declineCard } from './intent-charge';
import { unexpectedState } from './intent-states';
import type { Params } from './params';
import { checkUsable, resolveCard } from './payment-methods';
import { AUTHENTICATION_REQUIRED } from './test-cards';
import type { CardOnFile } from './world';

export const CONFIRM_PARAMS: readonly (keyof Stripe.PaymentIntentConfirmParams)[] = [
  'allowed_payment_method_types',
  'capture_method',
  'error_on_requires_action',
  'mandate_data',
  'off_session',
  'payment_method',
  'payment_method_options',
  'receipt_email',
  'return_url',
  'setup_future_usage',
  'shipping',
  'use_stripe_sdk',
];

const CONFIRMABLE = new Set([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
]);
/** What a browser may say with a publishable key: nothing of when, or how much, is charged. */
export const PUBLISHABLE_CONFIRM_PARAMS = [
  'client_secret',
  'expected_payment_method_type',
  'mandate_data',
  'payment_method',
  'payment_method_options',
  'receipt_email',
  'return_url',
  'setup_future_usage',
  'shipping',
  'use_stripe_sdk',
];

/** Refuses a confirm that could send the customer away with nowhere to return to. */
export function checkRedirects(call: Call, intent: Stripe.PaymentIntent, params: Params): void {
  const redirects = intent.automatic_payment_methods?.allow_redirects === 'always';
  if (!redirects || params.has('return_url')) return;
  if (call.publishable && params.boolean('use_stripe_sdk') === true) return;
  throw invalidRequest({
    message:
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. ' +
      'Because some of these payment methods might redirect your customer off of your page, you ' +
      'must provide a `return_url`, or set `automatic_payment_methods[allow_redirects]` to ' +
      '`never`.',
    param: 'return_url',
  });
}

function cardToCharge(call: Call, intent: Stripe.PaymentIntent, params: Params): CardOnFile {
  const current = intent.payment_method;
  const id = params.text('payment_method') ?? (typeof current === 'string' ? current : null);
  if (id === null) {
    throw new ApiFailure({
      status: 400,
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
      message:
        "You cannot confirm this PaymentIntent because it's missing a payment method. Update " +
        'the PaymentIntent with a payment method and then confirm it again.',
      paymentIntent: intent,
      stored: true,
    });
  }
  const onFile = resolveCard(call.world, id);
  checkUsable(onFile, intent);
  return onFile;
}

/** Whether the cardholder has to authenticate this payment. */
function needsChallenge(onFile: CardOnFile, offSession: boolean): boolean {
  const { challenge } = onFile.card;
  if (challenge === 'until_set_up') return !(offSession && onFile.setUp);
  if (challenge === 'on_session') return !offSession;
  return challenge === 'always';
}

function readConfirm(intent: Stripe.PaymentIntent, params: Params) {
  const offSession = params.text('off_session');
  const usage = params.oneOf('setup_future_usage', ['on_session', 'off_session']);
  const capture = params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']);
  const returnUrl = checkReturnUrl(params.text('return_url'));
  return {
    offSession: offSession !== null && offSession !== 'false',
    usage: usage ?? intent.setup_future_usage,
    captureMethod: capture ?? intent.capture_method,
    // Stripe.js shows the challenge in the page instead of leaving it.
    returnUrl: params.boolean('use_stripe_sdk') === true ? null : returnUrl,
    neverChallenge: params.boolean('error_on_requires_action') === true,
  };
}

/** Charges or holds the intent's amount, or asks for the customer's authentication. */
export function performConfirm(
  call: Call,
  intent: Stripe.PaymentIntent,
  params: Params,
): Stripe.PaymentIntent {
  if (!CONFIRMABLE.has(intent.status)) throw unexpectedState(intent, 'confirmed');
  const asked = readConfirm(intent, params);
  const onFile = cardToCharge(call, intent, params);
  intent.setup_future_usage = asked.usage;
  intent.capture_method = asked.captureMethod;
  intent.payment_method = onFile.object.id;
  intent.last_payment_error = null;
  const attempt = { intent, onFile, authenticated: false, cause: call.cause };
  if (!needsChallenge(onFile, asked.offSession)) return chargeCard(call.world, attempt);
  if (asked.offSession || asked.neverChallenge) {
    throw declineCard(call.world, attempt, AUTHENTICATION_REQUIRED);
  }
  beginChallenge(call.world, intent, asked.returnUrl);
  call.emit('payment_intent.requires_action', intent);
  return intent;
}
