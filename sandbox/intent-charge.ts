import type Stripe from 'stripe';
import { ApiFailure, docUrl } from './api-failure';
import { bookCharge, bookChargeLater } from './balance';
import { disputeLater } from './dispute-life';
import { BY_ITSELF, type Cause } from './event-log';
import { expireHold } from './intent-finish';
import { attachTo } from './payment-methods';
import { HOLD_SECONDS, newCharge } from './payment-objects';
import type { Decline } from './test-cards';
import type { CardOnFile, World } from './world';

/** One attempt to take an intent's money from a card. */
export interface Attempt {
  intent: Stripe.PaymentIntent;
  onFile: CardOnFile;
  /** The cardholder passed a challenge for it. */
  authenticated: boolean;
  cause: Cause;
}

/** How long a slow network takes, on the sandbox's clock. */
const SLOW_MS = 5_000;

/** Charges or holds the intent's amount, at once or later; throws the 402 of a decline. */
export function chargeCard(world: World, attempt: Attempt): Stripe.PaymentIntent {
  const { intent, onFile, cause } = attempt;
  if (!onFile.card.slow) return settleCharge(world, attempt);
  intent.status = 'processing';
  intent.next_action = null;
  world.events.emit({ type: 'payment_intent.processing', object: intent }, cause);
  settleSlowly(world, attempt);
  return intent;
}

/** The slow network's answer; an intent that was canceled meanwhile is charged no more. */
export function settleSlowly(world: World, attempt: Attempt): void {
  world.clock.after(SLOW_MS, () => {
    if (attempt.intent.status !== 'processing') return;
    try {
      settleCharge(world, { ...attempt, cause: BY_ITSELF });
    } catch (error) {
      // The intent tells of the decline; nobody waits for an answer any more.
      if (!(error instanceof ApiFailure)) throw error;
    }
  });
}

/** A slow attempt comes back to what it found long ago. */
function touch(world: World, { intent, onFile }: Attempt): void {
  world.intents.touch(intent);
  world.cards.touch(onFile);
}

function settleCharge(world: World, attempt: Attempt): Stripe.PaymentIntent {
  const { intent, onFile, cause } = attempt;
  touch(world, attempt);
  const { decline } = onFile.card;
  if (decline !== null) throw declineCard(world, attempt, decline);
  const manual = intent.capture_method === 'manual';
  const made = newCharge({
    intent,
    card: onFile.card,
    paymentMethod: onFile.object.id,
    nowSeconds: world.clock.nowSeconds(),
    captured: !manual,
    authenticated: attempt.authenticated,
  });
  world.addCharge(made, intent.id);
  intent.latest_charge = made.id;
  intent.next_action = null;
  intent.amount_capturable = manual ? intent.amount : 0;
  intent.amount_received = manual ? 0 : intent.amount;
  intent.status = manual ? 'requires_capture' : 'succeeded';
  if (intent.capture_method === 'automatic') bookCharge(world, made);
  world.events.emit({ type: 'charge.succeeded', object: made }, cause);
  const type = manual ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded';
  world.events.emit({ type, object: intent }, cause);
  keepCard(world, attempt);
  planWhatFollows(world, intent, made);
  return intent;
}

/** What Stripe does by itself after a charge; planned again after a restart. */
function planWhatFollows(world: World, intent: Stripe.PaymentIntent, charge: Stripe.Charge): void {
  if (!charge.captured) {
    world.clock.after(HOLD_SECONDS * 1000, () => expireHold(world, intent));
    return;
  }
  if (charge.balance_transaction === null) bookChargeLater(world, charge);
  disputeLater(world, charge);
}

function keepCard(world: World, { intent, onFile, authenticated, cause }: Attempt): void {
  onFile.used = true;
  if (intent.setup_future_usage === null || typeof intent.customer !== 'string') return;
  if (intent.setup_future_usage === 'off_session' && authenticated) onFile.setUp = true;
  attachTo(world, { onFile, customer: intent.customer, cause });
}

/** Records a refused attempt, and gives the 402 that tells of it. */
export function declineCard(world: World, attempt: Attempt, reason: Decline): ApiFailure {
  const { intent, onFile, cause } = attempt;
  touch(world, attempt);
  const made = newCharge({
    intent,
    card: { ...onFile.card, decline: reason },
    paymentMethod: onFile.object.id,
    nowSeconds: world.clock.nowSeconds(),
    captured: false,
    authenticated: attempt.authenticated,
  });
  world.addCharge(made, intent.id);
  onFile.used = true;
  intent.latest_charge = made.id;
  intent.payment_method = null;
  intent.next_action = null;
  intent.status = 'requires_payment_method';
  intent.last_payment_error = {
    charge: made.id,
    code: reason.code,
    decline_code: reason.declineCode,
    doc_url: docUrl(reason.code),
    message: reason.message,
    payment_method: onFile.object,
    type: 'card_error',
  };
  world.events.emit({ type: 'charge.failed', object: made }, cause);
  world.events.emit({ type: 'payment_intent.payment_failed', object: intent }, cause);
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
