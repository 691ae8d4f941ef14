import type Stripe from 'stripe';
import { book, DISPUTE_FEE } from './balance';
import { BY_ITSELF, type Cause } from './event-log';
import { idOf, newId } from './ids';
import type { DisputeBehaviour } from './test-cards';
import type { World } from './world';

/** The bank decides on submitted evidence after this long. */
const DECIDED_AFTER_MS = 1_000;
const ANSWER_WITHIN_SECONDS = 7 * 86_400;

/** Opens the dispute that the charge's test card asks for, as soon as the charge is answered. */
export function disputeLater(world: World, charge: Stripe.Charge): void {
  const behaviour = world.cards.get(charge.payment_method ?? '')?.card.dispute ?? null;
  if (behaviour === null || charge.disputed) return;
  world.clock.after(0, () => {
    if (!charge.disputed) openDispute(world, charge, behaviour);
  });
}

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

function newDispute(
  world: World,
  charge: Stripe.Charge,
  behaviour: DisputeBehaviour,
): Stripe.Dispute {
  const created = world.clock.nowSeconds();
  const card = charge.payment_method_details?.card;
  const brand = card?.brand ?? 'visa';
  return {
    id: newId('du'),
    object: 'dispute',
    amount: charge.amount_captured,
    balance_transactions: [],
    charge: charge.id,
    created,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: { ...NO_EVIDENCE },
    evidence_details: {
      due_by: created + ANSWER_WITHIN_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: 'manual',
    is_charge_refundable: behaviour.inquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      type: 'card',
      card: {
        brand,
        case_type: behaviour.inquiry ? 'inquiry' : 'chargeback',
        network: brand,
        network_reason_code: null,
      },
    },
    reason: behaviour.reason,
    status: behaviour.inquiry ? 'warning_needs_response' : 'needs_response',
  };
}

/** An inquiry only asks; a chargeback takes the money out of the balance at once. */
export function openDispute(
  world: World,
  charge: Stripe.Charge,
  behaviour: DisputeBehaviour,
): Stripe.Dispute {
  const dispute = newDispute(world, charge, behaviour);
  world.charges.touch(charge);
  charge.disputed = true;
  world.disputes.add(dispute);
  if (!behaviour.inquiry) move(world, dispute, { amount: -dispute.amount, fee: DISPUTE_FEE });
  const emit = (type: string): void => world.events.emit({ type, object: dispute }, BY_ITSELF);
  emit('charge.dispute.created');
  if (!behaviour.inquiry) emit('charge.dispute.funds_withdrawn');
  lapseLater(world, dispute);
  return dispute;
}

function move(
  world: World,
  dispute: Stripe.Dispute,
  { amount, fee }: { amount: number; fee: number },
): void {
  const line = book(world, {
    type: 'adjustment',
    category: amount < 0 ? 'dispute' : 'dispute_reversal',
    amount,
    fee,
    currency: dispute.currency,
    source: dispute.id,
    description: `Chargeback ${amount < 0 ? 'withdrawal' : 'reversal'} for ${idOf(dispute.charge)}`,
  });
  dispute.balance_transactions.push(line);
}

export function isOpen(dispute: Stripe.Dispute): boolean {
  return !['won', 'lost', 'warning_closed'].includes(dispute.status);
}

/** Nobody answered in time: a chargeback is lost, an inquiry lapses. */
export function lapseLater(world: World, dispute: Stripe.Dispute): void {
  const dueMs = (dispute.evidence_details.due_by ?? dispute.created) * 1000;
  world.clock.after(dueMs - world.clock.nowMs(), () => {
    if (dispute.evidence_details.submission_count > 0 || !isOpen(dispute)) return;
    world.disputes.touch(dispute);
    dispute.evidence_details.past_due = true;
    closeDispute(world, dispute, 'lost');
  });
}

/** As in Stripe's test mode, the words of the evidence decide. */
export function decideLater(world: World, dispute: Stripe.Dispute): void {
  world.clock.after(DECIDED_AFTER_MS, () => {
    const wins = dispute.evidence.uncategorized_text === 'winning_evidence';
    closeDispute(world, dispute, wins ? 'won' : 'lost');
  });
}

/** The bank's decision, or the merchant's own giving up; a closed dispute stays as it is. */
export function closeDispute(
  world: World,
  dispute: Stripe.Dispute,
  outcome: 'won' | 'lost',
  cause: Cause = BY_ITSELF,
): void {
  if (!isOpen(dispute)) return;
  world.disputes.touch(dispute);
  const previous = { status: dispute.status };
  const inquiry = dispute.status.startsWith('warning_');
  const reinstated = !inquiry && outcome === 'won';
  dispute.status = inquiry ? 'warning_closed' : outcome;
  dispute.is_charge_refundable = inquiry || reinstated;
  if (reinstated) move(world, dispute, { amount: dispute.amount, fee: 0 });
  world.events.emit({ type: 'charge.dispute.closed', object: dispute, previous }, cause);
  if (!reinstated) return;
  world.events.emit({ type: 'charge.dispute.funds_reinstated', object: dispute }, cause);
}
