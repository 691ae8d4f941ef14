import type Stripe from 'stripe';
import { ApiFailure, invalidRequest } from './api-failure';
import type { Call } from './call';
import { expireHold } from './intent-finish';
import { unexpectedState } from './intent-states';
import type { Params } from './params';
import { checkUsable, resolveCard } from './payment-methods';
import { HOLD_SECONDS, newCharge } from './payment-objects';
import { AUTHENTICATION_REQUIRED, type Decline } from './test-cards';
import type { CardOnFile } from './world';

export const CONFIRM_PARAMS: readonly (keyof Stripe.PaymentIntentConfirmParams)[] = [
  'allowed_payment_method_types',
  'capture_method',
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
/** A dispute reaches the merchant some time after the charge. */
const DISPUTE_DELAY_MS = 1_000;

/** Refuses a server-side confirm that could send the customer away with nowhere to return to. */
export function checkRedirects(intent: Stripe.PaymentIntent, params: Params): void {
  const redirects = intent.automatic_payment_methods?.allow_redirects === 'always';
  if (!redirects || params.has('return_url')) return;
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

/** Charges or holds the intent's amount, or asks for the customer's authentication. */
export function performConfirm(
  call: Call,
  intent: Stripe.PaymentIntent,
  params: Params,
): Stripe.PaymentIntent {
  if (!CONFIRMABLE.has(intent.status)) throw unexpectedState(intent, 'confirmed');
  const onFile = cardToCharge(call, intent, params);
  const usage = params.oneOf('setup_future_usage', ['on_session', 'off_session']);
  if (usage !== null) intent.setup_future_usage = usage;
  intent.payment_method = onFile.object.id;
  intent.last_payment_error = null;
  if (!onFile.card.challenge) return charge(call, intent, onFile);
  const offSession = params.text('off_session');
  if (offSession !== null && offSession !== 'false') {
    throw decline(call, intent, { onFile, reason: AUTHENTICATION_REQUIRED });
  }
  intent.status = 'requires_action';
  intent.next_action = challengeFor(intent, params.text('return_url'));
  call.emit('payment_intent.requires_action', intent);
  return intent;
}

function challengeFor(
  intent: Stripe.PaymentIntent,
  returnUrl: string | null,
): Stripe.PaymentIntent.NextAction {
  if (returnUrl === null) return { type: 'use_stripe_sdk', use_stripe_sdk: {} };
  const url = `https://hooks.stripe.com/redirect/authenticate/${intent.id}`;
  return { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } };
}

/** The end of a challenge: the charge goes ahead, or the attempt is refused. */
export function finishChallenge(call: Call, intent: Stripe.PaymentIntent, passed: boolean): void {
  const id = typeof intent.payment_method === 'string' ? intent.payment_method : '';
  const onFile = call.world.cards.get(id);
  if (intent.status !== 'requires_action' || onFile === undefined) {
    throw unexpectedState(intent, 'authenticated');
  }
  intent.next_action = null;
  const failed: Decline = {
    code: 'payment_intent_authentication_failure',
    declineCode: 'authentication_not_handled',
    message: 'The provided payment method has failed authentication.',
  };
  try {
    if (passed) charge(call, intent, onFile);
    else decline(call, intent, { onFile, reason: failed });
  } catch (error) {
    // The customer learns of the decline, not whoever ends the challenge.
    if (!(error instanceof ApiFailure)) throw error;
  }
}

function charge(call: Call, intent: Stripe.PaymentIntent, onFile: CardOnFile) {
  const { card } = onFile;
  if (card.decline !== null) throw decline(call, intent, { onFile, reason: card.decline });
  const manual = intent.capture_method === 'manual';
  const made = newCharge({
    intent,
    card,
    paymentMethod: onFile.object.id,
    nowSeconds: call.world.clock.nowSeconds(),
    captured: !manual,
  });
  call.world.addCharge(made, intent.id);
  keepCard(intent, onFile);
  intent.latest_charge = made.id;
  intent.next_action = null;
  intent.amount_capturable = manual ? intent.amount : 0;
  intent.amount_received = manual ? 0 : intent.amount;
  intent.status = manual ? 'requires_capture' : 'succeeded';
  call.emit('charge.succeeded', made);
  call.emit(
    manual ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded',
    intent,
  );
  if (manual) call.world.clock.after(HOLD_SECONDS * 1000, () => expireHold(call.world, intent));
  if (card.disputed) call.world.clock.after(DISPUTE_DELAY_MS, () => dispute(call, made));
  return intent;
}

function keepCard(intent: Stripe.PaymentIntent, onFile: CardOnFile): void {
  onFile.used = true;
  if (intent.setup_future_usage !== null && typeof intent.customer === 'string') {
    onFile.object.customer = intent.customer;
  }
}

function decline(
  call: Call,
  intent: Stripe.PaymentIntent,
  refusal: { onFile: CardOnFile; reason: Decline },
): ApiFailure {
  const { onFile, reason } = refusal;
  const made = newCharge({
    intent,
    card: { ...onFile.card, decline: reason },
    paymentMethod: onFile.object.id,
    nowSeconds: call.world.clock.nowSeconds(),
    captured: false,
  });
  call.world.addCharge(made, intent.id);
  onFile.used = true;
  intent.latest_charge = made.id;
  intent.payment_method = null;
  intent.status = 'requires_payment_method';
  intent.last_payment_error = {
    charge: made.id,
    code: reason.code,
    decline_code: reason.declineCode,
    doc_url: `https://stripe.com/docs/error-codes/${reason.code}`,
    message: reason.message,
    payment_method: onFile.object,
    type: 'card_error',
  };
  call.emit('charge.failed', made);
  call.emit('payment_intent.payment_failed', intent);
  return new ApiFailure({
    status: 402,
    type: 'card_error',
    code: reason.code,
    declineCode: reason.declineCode,
    message: reason.message,
    charge: made.id,
    paymentIntent: intent,
    paymentMethod: onFile.object,
    stored: true,
  });
}

function dispute(call: Call, made: Stripe.Charge): void {
  made.disputed = true;
  call.emit('charge.dispute.created', {
    id: `dp_${made.id.slice(3)}`,
    object: 'dispute',
    amount: made.amount_captured,
    charge: made.id,
    created: call.world.clock.nowSeconds(),
    currency: made.currency,
    evidence_details: { due_by: null, has_evidence: false, past_due: false, submission_count: 0 },
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: made.payment_intent,
    reason: 'fraudulent',
    status: 'needs_response',
  });
}
