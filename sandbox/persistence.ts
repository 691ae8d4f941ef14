import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type Stripe from 'stripe';
import { bookChargeLater } from './balance';
import { decideLater, disputeLater, isOpen, lapseLater } from './dispute-life';
import { BY_ITSELF, type LoggedEvent } from './event-log';
import type { SavedKey } from './idempotency-keys';
import { idOf } from './ids';
import { settleSlowly } from './intent-charge';
import { expireHold } from './intent-finish';
import { HOLD_SECONDS } from './payment-objects';
import { CONFIGURED, type Receiver } from './receiver';
import { settleLater } from './refund-life';
import type { SavedDelivery, WebhookDeliveries } from './webhook-deliveries';
import type { CardOnFile, World } from './world';

/** One line of the file: everything that a payment's later requests may ask for again. */
type Line =
  | { kind: 'clock'; value: number }
  | { kind: 'customer'; value: Stripe.Customer }
  | { kind: 'card'; value: CardOnFile }
  | { kind: 'intent'; value: Stripe.PaymentIntent }
  | { kind: 'charge'; value: Stripe.Charge }
  | { kind: 'refund'; value: Stripe.Refund }
  | { kind: 'dispute'; value: Stripe.Dispute }
  | { kind: 'balance'; value: Stripe.BalanceTransaction }
  | { kind: 'event'; value: LoggedEvent }
  | { kind: 'receiver'; value: Receiver }
  | { kind: 'delivery'; value: SavedDelivery }
  | { kind: 'undelivered'; value: string }
  | { kind: 'key'; value: SavedKey };

export interface State {
  world: World;
  deliveries: WebhookDeliveries;
}

function* linesOf({ world, deliveries }: State): Generator<Line> {
  yield { kind: 'clock', value: world.clock.aheadMs };
  for (const value of world.customers.all()) yield { kind: 'customer', value };
  for (const value of world.cards.values()) yield { kind: 'card', value };
  for (const value of world.intents.all()) yield { kind: 'intent', value };
  for (const value of world.charges.all()) yield { kind: 'charge', value };
  for (const value of world.refunds.all()) yield { kind: 'refund', value };
  for (const value of world.disputes.all()) yield { kind: 'dispute', value };
  for (const value of world.balance.all()) yield { kind: 'balance', value };
  for (const value of world.events.logged.all()) yield { kind: 'event', value };
  for (const value of world.receivers.values()) {
    // The configured one comes from the environment again, perhaps with another address.
    if (value.object.id !== CONFIGURED) yield { kind: 'receiver', value };
  }
  for (const value of deliveries.open()) yield { kind: 'delivery', value };
  for (const value of deliveries.lost()) yield { kind: 'undelivered', value };
  for (const value of world.keys.answered()) yield { kind: 'key', value };
}

/** Writes the state line by line, aside and renamed: a kill meanwhile leaves the file before. */
export function saveState(state: State, file: string): void {
  const aside = `${file}.new`;
  const handle = openSync(aside, 'w', 0o600);
  try {
    for (const line of linesOf(state)) writeSync(handle, `${JSON.stringify(line)}\n`);
  } finally {
    closeSync(handle);
  }
  renameSync(aside, file);
}

function take({ world, deliveries }: State, line: Line): void {
  switch (line.kind) {
    case 'clock':
      world.clock.advance(line.value);
      return;
    case 'customer':
      world.customers.add(line.value);
      return;
    case 'card':
      world.cards.set(line.value.object.id, line.value);
      return;
    case 'intent':
      world.intents.add(line.value);
      return;
    case 'charge':
      world.addCharge(line.value, idOf(line.value.payment_intent));
      return;
    case 'refund':
      world.addRefund(line.value);
      return;
    case 'dispute':
      world.disputes.add(line.value);
      return;
    case 'balance':
      world.balance.add(line.value);
      return;
    case 'event':
      world.events.restore(line.value);
      return;
    case 'receiver':
      world.receivers.set(line.value.object.id, line.value);
      return;
    case 'delivery': {
      const event = world.events.logged.get(line.value.eventId);
      if (event !== undefined) deliveries.resume(event, line.value);
      return;
    }
    case 'undelivered':
      deliveries.giveUp(line.value);
      return;
    case 'key':
      world.keys.restore(line.value);
  }
}

/** What was due later is planned again: holds, slow refunds, disputes and bookings. */
function planAgain(world: World): void {
  for (const intent of world.intents.all()) {
    const onFile = world.cards.get(idOf(intent.payment_method));
    if (intent.status === 'processing' && onFile !== undefined) {
      settleSlowly(world, { intent, onFile, authenticated: false, cause: BY_ITSELF });
    }
    if (intent.status !== 'requires_capture') continue;
    const charge = world.charges.get(idOf(intent.latest_charge));
    const lapsesMs = ((charge?.created ?? intent.created) + HOLD_SECONDS) * 1000;
    world.clock.after(lapsesMs - world.clock.nowMs(), () => expireHold(world, intent));
  }
  for (const charge of world.charges.all()) {
    if (!charge.captured) continue;
    if (charge.balance_transaction === null) bookChargeLater(world, charge);
    disputeLater(world, charge);
  }
  for (const refund of world.refunds.all()) settleLater(world, refund);
  for (const dispute of world.disputes.all().filter(isOpen)) {
    if (dispute.evidence_details.submission_count > 0) decideLater(world, dispute);
    else lapseLater(world, dispute);
  }
}

/** Reads a saved state into an empty one; a missing file is an empty state. */
export function loadState(state: State, file: string): void {
  if (!existsSync(file)) return;
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    if (text === '') continue;
    const line: Line = JSON.parse(text);
    take(state, line);
  }
  planAgain(state.world);
}
