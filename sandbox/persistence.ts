import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type Stripe from 'stripe';
import type { SavedKey } from './idempotency-keys';
import { idOf } from './ids';
import { expireHold } from './intent-finish';
import { HOLD_SECONDS } from './payment-objects';
import { settleLater } from './refunds';
import type { CardOnFile, World } from './world';

/** One line of the file: everything that a payment's later requests may ask for again. */
type Line =
  | { kind: 'clock'; value: number }
  | { kind: 'customer'; value: Stripe.Customer }
  | { kind: 'card'; value: CardOnFile }
  | { kind: 'intent'; value: Stripe.PaymentIntent }
  | { kind: 'charge'; value: Stripe.Charge }
  | { kind: 'refund'; value: Stripe.Refund }
  | { kind: 'key'; value: SavedKey };

function* linesOf(world: World): Generator<Line> {
  yield { kind: 'clock', value: world.clock.aheadMs };
  for (const value of world.customers.all()) yield { kind: 'customer', value };
  for (const value of world.cards.values()) yield { kind: 'card', value };
  for (const value of world.intents.all()) yield { kind: 'intent', value };
  for (const value of world.charges.all()) yield { kind: 'charge', value };
  for (const value of world.refunds.all()) yield { kind: 'refund', value };
  for (const value of world.keys.answered()) yield { kind: 'key', value };
}

/** Writes the state line by line, aside and renamed: a kill meanwhile leaves the file before. */
export function saveWorld(world: World, file: string): void {
  const aside = `${file}.new`;
  const handle = openSync(aside, 'w', 0o600);
  try {
    for (const line of linesOf(world)) writeSync(handle, `${JSON.stringify(line)}\n`);
  } finally {
    closeSync(handle);
  }
  renameSync(aside, file);
}

function take(world: World, line: Line): void {
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
    case 'key':
      world.keys.restore(line.value);
  }
}

/** What was due later is planned again: holds lapse and pending refunds settle as before. */
function planAgain(world: World): void {
  for (const intent of world.intents.all()) {
    if (intent.status !== 'requires_capture') continue;
    const charge = world.charges.get(idOf(intent.latest_charge));
    const lapsesMs = ((charge?.created ?? intent.created) + HOLD_SECONDS) * 1000;
    world.clock.after(lapsesMs - world.clock.nowMs(), () => expireHold(world, intent));
  }
  for (const refund of world.refunds.all()) {
    const charge = world.charges.get(idOf(refund.charge));
    if (refund.status === 'pending' && charge !== undefined) settleLater(world, refund, charge);
  }
}

/** Reads a saved state into an empty world; a missing file is an empty state. */
export function loadWorld(world: World, file: string): void {
  if (!existsSync(file)) return;
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    if (text === '') continue;
    const line: Line = JSON.parse(text);
    take(world, line);
  }
  planAgain(world);
}
