import type {
  ApiDispute,
  ApiNextAction,
  ApiPayment,
  ApiPaymentRequest,
  ApiRefund,
} from '../contracts/api-payment';
import { adviceOf } from '../domain/decline-advice';
import type {
  DisputeRecord,
  PaymentRecord,
  PaymentRequestRecord,
  RefundRecord,
} from './ports/payment-reader';

/** The payment as merchants see it: without the provider's ids, flags and versions. */
export function toApiPayment(payment: PaymentRecord): ApiPayment {
  return {
    id: payment.id,
    object: 'payment',
    status: payment.status,
    amount: payment.amountMinor,
    amount_capturable: payment.heldMinor,
    amount_captured: payment.capturedMinor,
    amount_refunded: payment.refundedMinor,
    currency: payment.currency,
    payment_method: payment.paymentMethod,
    capture_method: payment.captureMethod,
    confirm: payment.confirmation,
    customer: payment.customer,
    off_session: payment.offSession,
    setup_future_usage: payment.setupFutureUsage,
    return_url: payment.returnUrl,
    hold_policy: payment.holdPolicy,
    capture_before: payment.captureBefore?.toISOString() ?? null,
    reference: payment.reference,
    once_per_reference: payment.oncePerReference,
    description: payment.description,
    metadata: payment.metadata,
    next_action: toApiNextAction(payment),
    open_request: payment.openRequest && toApiRequest(payment.openRequest),
    failure: toApiFailure(payment.failure),
    refunds: payment.refunds.map(toApiRefund),
    disputes: payment.disputes.map(toApiDispute),
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
  };
}

function toApiFailure(failure: PaymentRecord['failure']): ApiPayment['failure'] {
  if (failure === null) return null;
  return {
    code: failure.code,
    decline_code: failure.declineCode,
    message: failure.message,
    advice: adviceOf(failure),
  };
}

/** Without the address and the secret, which are in no row. */
function toApiNextAction({ status, actionType }: PaymentRecord): ApiNextAction | null {
  if (status !== 'requires_action' || actionType === null) return null;
  return { type: actionType, redirect_url: null, client_secret: null };
}

function toApiRequest(request: PaymentRequestRecord): ApiPaymentRequest {
  return {
    id: request.id,
    kind: request.kind,
    amount: request.amountMinor,
    created_at: request.createdAt.toISOString(),
  };
}

/** The refund as merchants see it. */
export function toApiRefund(refund: RefundRecord): ApiRefund {
  return {
    id: refund.id,
    object: 'refund',
    payment: refund.paymentId,
    amount: refund.amountMinor,
    currency: refund.currency,
    status: refund.status,
    reason: refund.reason,
    provider_reason: refund.providerReason,
    failure_code: refund.failureCode,
    metadata: refund.metadata,
    created_at: refund.createdAt.toISOString(),
    updated_at: refund.updatedAt.toISOString(),
  };
}

function toApiDispute(dispute: DisputeRecord): ApiDispute {
  return {
    id: dispute.id,
    amount: dispute.amountMinor,
    currency: dispute.currency,
    status: dispute.status,
    reason: dispute.reason,
    opened_at: dispute.openedAt.toISOString(),
    closed_at: dispute.closedAt?.toISOString() ?? null,
  };
}
