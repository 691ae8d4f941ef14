import type Stripe from 'stripe';
import { resourceMissing } from './api-failure';
import type { Call } from './call';
import { BY_ITSELF } from './event-log';
import { idOf, newId } from './ids';
import { LIST_PARAMS } from './params';
import type { World } from './world';

/** Stripe's list price for a card, 2.9 % and 30 of the smallest unit, whatever the currency. */
const FEE_PER_MILLE = 29;
const FEE_FIXED = 30;
export const DISPUTE_FEE = 1500;
/** Money can be paid out two days after it came. */
const AVAILABLE_AFTER_SECONDS = 2 * 86_400;
/** With `automatic_async` the books follow the answer after this long, on the sandbox's clock. */
const BOOKED_AFTER_MS = 1_000;

/** In the smallest unit, half a unit rounded up. */
export function chargeFee(amount: number): number {
  return Math.floor((amount * FEE_PER_MILLE + 500) / 1000) + FEE_FIXED;
}

export interface Booking {
  type: Stripe.BalanceTransaction.Type;
  category: string;
  /** Signed, in the smallest unit: what comes in is positive. */
  amount: number;
  fee: number;
  currency: string;
  source: string;
  description: string | null;
}

/** Writes one line of the account's books, which are kept per currency and never converted. */
export function book(world: World, booking: Booking): Stripe.BalanceTransaction {
  const { amount, fee, currency } = booking;
  const created = world.clock.nowSeconds();
  const detail = { amount: fee, application: null, currency, type: 'stripe_fee' };
  return world.balance.add({
    id: newId('txn'),
    object: 'balance_transaction',
    amount,
    available_on: created + AVAILABLE_AFTER_SECONDS,
    balance_type: 'payments',
    created,
    currency,
    description: booking.description,
    exchange_rate: null,
    fee,
    fee_details: fee === 0 ? [] : [{ ...detail, description: 'Stripe processing fees' }],
    net: amount - fee,
    reporting_category: booking.category,
    source: booking.source,
    status: 'pending',
    type: booking.type,
  });
}

export function bookCharge(world: World, charge: Stripe.Charge): void {
  world.charges.touch(charge);
  charge.balance_transaction = book(world, {
    type: 'charge',
    category: 'charge',
    amount: charge.amount_captured,
    fee: chargeFee(charge.amount_captured),
    currency: charge.currency,
    source: charge.id,
    description: charge.description,
  }).id;
}

/** As Stripe does for an intent with `automatic_async`: the charge is updated afterwards. */
export function bookChargeLater(world: World, charge: Stripe.Charge): void {
  world.clock.after(BOOKED_AFTER_MS, () => {
    if (charge.balance_transaction !== null) return;
    bookCharge(world, charge);
    const previous = { balance_transaction: null };
    world.events.emit({ type: 'charge.updated', object: charge, previous }, BY_ITSELF);
  });
}

/** The line as it is today: what was pending has become available by its day. */
function shown(world: World, line: Stripe.BalanceTransaction): Stripe.BalanceTransaction {
  const available = line.available_on <= world.clock.nowSeconds();
  return available ? { ...line, status: 'available' } : line;
}

export function retrieveBalanceTransaction(call: Call): Stripe.BalanceTransaction {
  call.params([]);
  const line = call.world.balance.get(call.id);
  if (line === undefined) throw resourceMissing('balance transaction', call.id);
  return shown(call.world, line);
}

export function listBalanceTransactions(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'currency', 'source', 'type']);
  const currency = params.text('currency');
  const source = params.text('source');
  const type = params.text('type');
  return call.world.balance.page(params, {
    url: '/v1/balance_transactions',
    show: (line) => shown(call.world, line),
    where: (line) =>
      (currency === null || line.currency === currency) &&
      (source === null || idOf(line.source) === source) &&
      (type === null || line.type === type),
  });
}
