import type Stripe from 'stripe';
import { ApiFailure, invalidRequest, resourceMissing } from './api-failure';
import type { Call } from './call';
import { checkPartAmount } from './currency-rules';
import { idOf, newId } from './ids';
import { LIST_PARAMS, type Params } from './params';
import { bookRefund, moveRefund, refundBehaviour, settleLater } from './refund-life';
import { capturedNotRefunded } from './settlement';

const CREATE_PARAMS: readonly (keyof Stripe.RefundCreateParams)[] = [
  'amount',
  'charge',
  'metadata',
  'payment_intent',
  'reason',
];

function findRefund(call: Call): Stripe.Refund {
  const refund = call.world.refunds.get(call.id);
  if (refund === undefined) throw resourceMissing('refund', call.id);
  return refund;
}

function chargeToRefund(call: Call, params: Params): Stripe.Charge {
  const intentId = params.text('payment_intent');
  const chargeId = params.text('charge');
  if (intentId === null && chargeId === null) {
    throw invalidRequest({
      code: 'parameter_missing',
      message: 'One of the following params should be provided: payment_intent or charge.',
    });
  }
  if (intentId === null) {
    const named = call.world.charges.get(chargeId ?? '');
    if (named === undefined) throw resourceMissing('charge', chargeId ?? '');
    return named;
  }
  const intent = call.world.intents.get(intentId);
  if (intent === undefined) throw resourceMissing('payment_intent', intentId);
  const charge = call.world.charges.get(idOf(intent.latest_charge));
  if (charge !== undefined && charge.paid) return charge;
  throw invalidRequest({
    message: `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
    param: 'payment_intent',
  });
}

function checkRefundable(charge: Stripe.Charge, amount: number): void {
  const left = capturedNotRefunded(charge);
  const problem = {
    status: 400,
    type: 'invalid_request_error' as const,
    charge: charge.id,
    stored: true,
  };
  if (left === 0) {
    throw new ApiFailure({
      ...problem,
      code: 'charge_already_refunded',
      message: `Charge ${charge.id} has already been refunded.`,
    });
  }
  if (amount <= left) return;
  throw new ApiFailure({
    ...problem,
    message: `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
    param: 'amount',
  });
}

function newRefund(
  call: Call,
  input: { params: Params; charge: Stripe.Charge; amount: number },
): Stripe.Refund {
  const { params, charge } = input;
  const pending = refundBehaviour(call.world, charge) === 'pending_then_succeeds';
  return {
    id: newId('re'),
    object: 'refund',
    amount: input.amount,
    balance_transaction: null,
    charge: charge.id,
    created: call.world.clock.nowSeconds(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: {
        reference_status: 'pending',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    metadata: params.metadata(),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: params.oneOf('reason', ['duplicate', 'fraudulent', 'requested_by_customer']),
    receipt_number: null,
    source_transfer_reversal: null,
    ...(pending ? { pending_reason: 'processing' } : {}),
    status: pending ? 'pending' : 'succeeded',
    transfer_reversal: null,
  };
}

export function createRefund(call: Call): Stripe.Refund {
  const params = call.params(CREATE_PARAMS);
  const charge = chargeToRefund(call, params);
  if (!charge.captured) throw notCaptured(charge);
  const amount = params.integer('amount') ?? Math.max(capturedNotRefunded(charge), 1);
  checkPartAmount({ amount, currency: charge.currency });
  if (charge.disputed) checkDisputes(call, charge);
  checkRefundable(charge, amount);
  const refund = newRefund(call, { params, charge, amount });
  record(call, refund, charge);
  settleLater(call.world, refund);
  return refund;
}

function record(call: Call, refund: Stripe.Refund, charge: Stripe.Charge): void {
  const { amount_refunded, refunded } = charge;
  call.world.addRefund(refund);
  bookRefund(call.world, refund);
  charge.amount_refunded += refund.amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  call.emit('refund.created', refund);
  call.emit('charge.refunded', charge, { amount_refunded, refunded });
}

/** What the bank has taken back, or may yet, cannot be given back a second time. */
function checkDisputes(call: Call, charge: Stripe.Charge): void {
  const disputes = call.world.disputes.all().filter((each) => each.charge === charge.id);
  if (disputes.every((each) => each.is_charge_refundable)) return;
  throw new ApiFailure({
    status: 400,
    type: 'invalid_request_error',
    code: 'charge_disputed',
    message: `Charge ${charge.id} has been charged back; cannot issue a refund.`,
    charge: charge.id,
    stored: true,
  });
}

/** Stripe sends whoever refunds an uncaptured intent to the cancel endpoint. */
function notCaptured(charge: Stripe.Charge): ApiFailure {
  return new ApiFailure({
    status: 400,
    type: 'invalid_request_error',
    code: 'charge_not_refundable',
    message: `Charge ${charge.id} was not captured: cancel its PaymentIntent instead.`,
    charge: charge.id,
    stored: true,
  });
}

export function retrieveRefund(call: Call): Stripe.Refund {
  call.params([]);
  return findRefund(call);
}

export function updateRefund(call: Call): Stripe.Refund {
  const params = call.params(['metadata']);
  const refund = findRefund(call);
  const { metadata } = refund;
  refund.metadata = params.metadata(metadata ?? {});
  call.emit('refund.updated', refund, { metadata });
  return refund;
}

/** Only a refund that waits for the customer can be called off. */
export function cancelRefund(call: Call): Stripe.Refund {
  call.params([]);
  const refund = findRefund(call);
  if (refund.status !== 'requires_action') {
    throw invalidRequest({
      message: `Refund ${refund.id} cannot be canceled because it has a status of ${refund.status}.`,
    });
  }
  moveRefund(call.world, refund, { status: 'canceled', cause: call.cause });
  return refund;
}

export function listRefunds(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'charge', 'payment_intent']);
  const charge = params.text('charge');
  const intent = params.text('payment_intent');
  return call.world.refunds.page(params, {
    url: '/v1/refunds',
    ...(intent === null ? {} : { among: call.world.refundsOfIntent.get(intent) ?? [] }),
    where: (refund) =>
      (charge === null || refund.charge === charge) &&
      (intent === null || refund.payment_intent === intent),
  });
}
