import type Stripe from 'stripe';
import { book } from './balance';
import { BY_ITSELF, type Cause } from './event-log';
import { idOf } from './ids';
import type { TestCard } from './test-cards';
import type { World } from './world';

/** How long the sandbox's slow and failing refunds take, on its clock. */
const SETTLE_MS = 1_000;
/** A customer has this long to say where the money should go. */
const CUSTOMER_ANSWERS_WITHIN_SECONDS = 90 * 86_400;

export const REFUND_STATUSES = [
  'pending',
  'requires_action',
  'succeeded',
  'failed',
  'canceled',
] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** What Stripe's test card of the charge makes of its refunds. */
export function refundBehaviour(world: World, charge: Stripe.Charge): TestCard['refund'] {
  return world.cards.get(charge.payment_method ?? '')?.card.refund ?? 'succeeds';
}

function lineOf(world: World, refund: Stripe.Refund, type: 'refund' | 'refund_failure') {
  return book(world, {
    type,
    category: type,
    amount: type === 'refund' ? -refund.amount : refund.amount,
    // Stripe keeps the charge's fee, and takes none for the refund.
    fee: 0,
    currency: refund.currency,
    source: refund.id,
    description: null,
  });
}

export function bookRefund(world: World, refund: Stripe.Refund): void {
  refund.balance_transaction = lineOf(world, refund, 'refund').id;
}

/** Whether the money counts as given back, or on its way; a failed or canceled refund is over. */
export function isStanding(refund: Stripe.Refund): boolean {
  return refund.status !== 'failed' && refund.status !== 'canceled';
}

export interface RefundMove {
  status: RefundStatus;
  /** Of a refund that fails. */
  failureReason?: string;
  cause?: Cause;
}

/** Takes a standing refund to another status; when it falls, the charge has the amount back. */
export function moveRefund(world: World, refund: Stripe.Refund, move: RefundMove): void {
  const { status, failureReason = 'unknown', cause = BY_ITSELF } = move;
  const previous = { status: refund.status };
  world.refunds.touch(refund);
  refund.status = status;
  delete refund.pending_reason;
  delete refund.next_action;
  if (status === 'pending') refund.pending_reason = 'processing';
  if (status === 'requires_action') refund.next_action = askCustomer(world);
  if (status === 'failed') refund.failure_reason = failureReason;
  if (!isStanding(refund)) takeBack(world, refund);
  if (status === 'failed') world.events.emit({ type: 'refund.failed', object: refund }, cause);
  world.events.emit({ type: 'refund.updated', object: refund, previous }, cause);
}

function askCustomer(world: World): Stripe.Refund.NextAction {
  const expires = world.clock.nowSeconds() + CUSTOMER_ANSWERS_WITHIN_SECONDS;
  return {
    type: 'display_details',
    display_details: {
      email_sent: {
        email_sent_at: world.clock.nowSeconds(),
        email_sent_to: 'customer@example.com',
      },
      expires_at: expires,
    },
  };
}

function takeBack(world: World, refund: Stripe.Refund): void {
  const charge = world.charges.get(idOf(refund.charge));
  refund.failure_balance_transaction = lineOf(world, refund, 'refund_failure').id;
  if (charge === undefined) return;
  charge.amount_refunded -= refund.amount;
  charge.refunded = false;
}

/** Plans what slow and failing refunds do after their first answer, also after a restart. */
export function settleLater(world: World, refund: Stripe.Refund): void {
  const charge = world.charges.get(idOf(refund.charge));
  const behaviour = charge === undefined ? 'succeeds' : refundBehaviour(world, charge);
  const slow = behaviour === 'pending_then_succeeds' && refund.status === 'pending';
  const failing = behaviour === 'succeeds_then_fails' && refund.status === 'succeeded';
  if (!slow && !failing) return;
  const before = refund.status;
  const move: RefundMove = slow
    ? { status: 'succeeded' }
    : { status: 'failed', failureReason: 'expired_or_canceled_card' };
  world.clock.after(SETTLE_MS, () => {
    if (refund.status === before) moveRefund(world, refund, move);
  });
}
