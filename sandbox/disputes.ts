import type Stripe from 'stripe';
import { invalidRequest, resourceMissing } from './api-failure';
import type { Call } from './call';
import { closeDispute, decideLater, isOpen } from './dispute-life';
import { idOf } from './ids';
import { LIST_PARAMS } from './params';

function findDispute(call: Call): Stripe.Dispute {
  const dispute = call.world.disputes.get(call.id);
  if (dispute === undefined) throw resourceMissing('dispute', call.id);
  return dispute;
}

function requireOpen(dispute: Stripe.Dispute): void {
  if (isOpen(dispute)) return;
  throw invalidRequest({ message: `This dispute is already closed (${dispute.status}).` });
}

export function retrieveDispute(call: Call): Stripe.Dispute {
  call.params([]);
  return findDispute(call);
}

export function listDisputes(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'charge', 'payment_intent']);
  const charge = params.text('charge');
  const intent = params.text('payment_intent');
  return call.world.disputes.page(params, {
    url: '/v1/disputes',
    where: (dispute) =>
      (charge === null || idOf(dispute.charge) === charge) &&
      (intent === null || idOf(dispute.payment_intent) === intent),
  });
}

/** Evidence is submitted unless `submit` is false; of its fields the free text alone is kept. */
export function updateDispute(call: Call): Stripe.Dispute {
  const params = call.params(['evidence', 'metadata', 'submit', 'intended_submission_method']);
  const dispute = findDispute(call);
  const evidence = params.object('evidence');
  const submit = params.boolean('submit') !== false && evidence !== null;
  if (evidence !== null) requireOpen(dispute);
  dispute.metadata = params.metadata(dispute.metadata);
  const text = evidence?.['uncategorized_text'];
  if (typeof text === 'string') dispute.evidence.uncategorized_text = text;
  const details = dispute.evidence_details;
  details.has_evidence ||= evidence !== null;
  const previous = submit ? { status: dispute.status } : {};
  if (submit) {
    details.submission_count += 1;
    details.submission_method = 'manual';
    const inquiry = dispute.status.startsWith('warning_');
    dispute.status = inquiry ? 'warning_under_review' : 'under_review';
    decideLater(call.world, dispute);
  }
  call.emit('charge.dispute.updated', dispute, previous);
  return dispute;
}

/** The merchant accepts the dispute: it is lost at once. */
export function closeByMerchant(call: Call): Stripe.Dispute {
  call.params([]);
  const dispute = findDispute(call);
  requireOpen(dispute);
  closeDispute(call.world, dispute, 'lost', call.cause);
  return dispute;
}
