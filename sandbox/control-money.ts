import type Stripe from 'stripe';
import { closeDispute, isOpen, openDispute } from './dispute-life';
import { ControlError, Script } from './fault-scripts';
import { isStanding, moveRefund, REFUND_STATUSES } from './refund-life';
import type { World } from './world';

/** The cardholder's bank disputes a charge now, whatever its test card. */
export function disputeCharge(world: World, id: string, body: unknown): Stripe.Dispute {
  const charge = world.charges.get(id);
  if (charge === undefined || !charge.captured) {
    throw new ControlError(`no such captured charge: ${id}`);
  }
  if (charge.disputed) throw new ControlError(`${id} is disputed already`);
  const script = new Script(body ?? {});
  const reason = script.has('reason') ? script.text('reason') : 'fraudulent';
  return openDispute(world, charge, { reason, inquiry: script.flag('inquiry') });
}

/** The bank decides: `{"outcome":"won"}`, from the merchant's side, or `"lost"`. */
export function closeDisputeByBank(world: World, id: string, body: unknown): Stripe.Dispute {
  const dispute = world.disputes.get(id);
  if (dispute === undefined) throw new ControlError(`no such dispute: ${id}`);
  if (!isOpen(dispute)) throw new ControlError(`${id} is ${dispute.status} already`);
  closeDispute(world, dispute, new Script(body).oneOf('outcome', ['won', 'lost']));
  return dispute;
}

/** Takes a refund to any status that Stripe has, such as the late failure of one that succeeded. */
export function changeRefund(world: World, id: string, body: unknown): Stripe.Refund {
  const refund = world.refunds.get(id);
  if (refund === undefined) throw new ControlError(`no such refund: ${id}`);
  if (!isStanding(refund)) throw new ControlError(`${id} is ${refund.status} for good`);
  const script = new Script(body);
  const status = script.oneOf('status', REFUND_STATUSES);
  const reason = script.has('failureReason') ? script.text('failureReason') : 'unknown';
  moveRefund(world, refund, { status, failureReason: reason });
  return refund;
}
