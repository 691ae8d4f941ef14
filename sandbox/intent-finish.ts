import type Stripe from 'stripe';
import { ApiFailure, resourceMissing } from './api-failure';
import { bookCharge } from './balance';
import type { Call } from './call';
import { checkPartAmount } from './currency-rules';
import { disputeLater } from './dispute-life';
import { BY_ITSELF, type Cause } from './event-log';
import { idOf } from './ids';
import { unexpectedState } from './intent-states';
import type { World } from './world';

const CAPTURE_PARAMS: readonly (keyof Stripe.PaymentIntentCaptureParams)[] = [
  'amount_to_capture',
  'metadata',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_data',
];
const CANCELABLE = new Set([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
  'processing',
]);

function requireIntent(call: Call): Stripe.PaymentIntent {
  const intent = call.world.intents.get(call.id);
  if (intent === undefined) throw resourceMissing('payment_intent', call.id);
  return intent;
}

function heldCharge(world: World, intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  return world.charges.get(idOf(intent.latest_charge));
}

/** What is released of a hold shows on the charge as refunded, though it was never captured. */
function release(charge: Stripe.Charge): void {
  charge.amount_refunded = charge.amount - charge.amount_captured;
  charge.refunded = charge.amount_captured === 0;
  delete charge.payment_method_details?.card?.capture_before;
}

export function captureIntent(call: Call): Stripe.PaymentIntent {
  const params = call.params(CAPTURE_PARAMS);
  const intent = requireIntent(call);
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'captured');
  const amount = params.integer('amount_to_capture') ?? intent.amount_capturable;
  checkPartAmount({ amount, currency: intent.currency });
  if (amount > intent.amount_capturable) {
    throw new ApiFailure({
      status: 400,
      type: 'invalid_request_error',
      code: 'amount_too_large',
      message: `The amount to capture is greater than the ${intent.amount_capturable} held.`,
      param: 'amount_to_capture',
      paymentIntent: intent,
      stored: true,
    });
  }
  intent.metadata = params.metadata(intent.metadata);
  intent.status = 'succeeded';
  intent.amount_received = amount;
  intent.amount_capturable = 0;
  const charge = heldCharge(call.world, intent);
  if (charge !== undefined) {
    charge.captured = true;
    charge.amount_captured = amount;
    release(charge);
    bookCharge(call.world, charge);
    call.emit('charge.captured', charge, { amount_captured: 0, captured: false });
    disputeLater(call.world, charge);
  }
  call.emit('payment_intent.succeeded', intent);
  return intent;
}

export function cancelIntent(call: Call): Stripe.PaymentIntent {
  const params = call.params(['cancellation_reason']);
  const intent = requireIntent(call);
  const reason = params.oneOf('cancellation_reason', [
    'abandoned',
    'duplicate',
    'fraudulent',
    'requested_by_customer',
  ]);
  if (!CANCELABLE.has(intent.status)) throw unexpectedState(intent, 'canceled');
  close(call.world, { intent, reason, cause: call.cause });
  return intent;
}

/** Stripe cancels an intent by itself when its hold lapses uncaptured. */
export function expireHold(world: World, intent: Stripe.PaymentIntent): void {
  if (intent.status !== 'requires_capture') return;
  close(world, { intent, reason: 'automatic', cause: BY_ITSELF });
}

function close(
  world: World,
  end: {
    intent: Stripe.PaymentIntent;
    reason: Stripe.PaymentIntent.CancellationReason | null;
    cause: Cause;
  },
): void {
  const { intent, cause } = end;
  world.intents.touch(intent);
  const charge = intent.status === 'requires_capture' ? heldCharge(world, intent) : undefined;
  intent.status = 'canceled';
  intent.amount_capturable = 0;
  intent.canceled_at = world.clock.nowSeconds();
  intent.cancellation_reason = end.reason;
  intent.next_action = null;
  if (charge !== undefined) {
    release(charge);
    const type = end.reason === 'automatic' ? 'charge.expired' : 'charge.refunded';
    const previous = { amount_refunded: 0, refunded: false };
    world.events.emit({ type, object: charge, previous }, cause);
  }
  world.events.emit({ type: 'payment_intent.canceled', object: intent }, cause);
}
