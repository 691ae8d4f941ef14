import type Stripe from 'stripe';
import { ApiFailure, invalidRequest, resourceMissing } from './api-failure';
import type { Call } from './call';
import { checkPartAmount } from './currency-rules';
import { idOf, newId } from './ids';
import { LIST_PARAMS, type Params } from './params';
import { capturedNotRefunded } from './settlement';
import type { World } from './world';

const CREATE_PARAMS: readonly (keyof Stripe.RefundCreateParams)[] = [
  'amount',
  'charge',
  'metadata',
  'payment_intent',
  'reason',
];
/** How long the sandbox's slow and failing refunds take, on its clock. */
const SETTLE_MS = 1_000;

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
    status: 'succeeded',
    transfer_reversal: null,
  };
}

export function createRefund(call: Call): Stripe.Refund {
  const params = call.params(CREATE_PARAMS);
  const charge = chargeToRefund(call, params);
  if (!charge.captured) throw notCaptured(charge);
  const amount = params.integer('amount') ?? Math.max(capturedNotRefunded(charge), 1);
  checkPartAmount({ amount, currency: charge.currency });
  checkRefundable(charge, amount);
  const refund = newRefund(call, { params, charge, amount });
  record(call, refund, charge);
  settleLater(call.world, refund, charge);
  return refund;
}

function record(call: Call, refund: Stripe.Refund, charge: Stripe.Charge): void {
  call.world.addRefund(refund);
  charge.amount_refunded += refund.amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  call.emit('refund.created', refund);
  call.emit('charge.refunded', charge);
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

/** Plans what Stripe's slow and failing refunds do after their first answer. */
export function settleLater(world: World, refund: Stripe.Refund, charge: Stripe.Charge): void {
  const paymentMethod = charge.payment_method ?? '';
  const behaviour = world.cards.get(paymentMethod)?.card.refund ?? 'succeeds';
  if (behaviour === 'succeeds') return;
  const background = { requestId: null, idempotencyKey: null };
  const { clock, events } = world;
  if (behaviour === 'pending_then_succeeds') {
    refund.status = 'pending';
    refund.pending_reason = 'processing';
    clock.after(SETTLE_MS, () => {
      refund.status = 'succeeded';
      delete refund.pending_reason;
      events.emit('refund.updated', refund, background);
    });
    return;
  }
  clock.after(SETTLE_MS, () => {
    refund.status = 'failed';
    refund.failure_reason = 'expired_or_canceled_card';
    charge.amount_refunded -= refund.amount;
    charge.refunded = false;
    events.emit('refund.failed', refund, background);
    events.emit('refund.updated', refund, background);
  });
}

export function retrieveRefund(call: Call): Stripe.Refund {
  call.params([]);
  return findRefund(call);
}

export function updateRefund(call: Call): Stripe.Refund {
  const params = call.params(['metadata']);
  const refund = findRefund(call);
  refund.metadata = params.metadata(refund.metadata ?? {});
  call.emit('refund.updated', refund);
  return refund;
}

export function listRefunds(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'charge', 'payment_intent']);
  const charge = params.text('charge');
  const intent = params.text('payment_intent');
  return call.world.refunds.page(params, {
    url: '/v1/refunds',
    where: (refund) =>
      (charge === null || refund.charge === charge) &&
      (intent === null || refund.payment_intent === intent),
  });
}
