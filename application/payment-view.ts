import type { ApiPayment, ApiRefund } from '../contracts/api-payment';
import type { PaymentRecord, RefundRecord } from './ports/payment-reader';

/** The payment as merchants see it: without the provider's ids, flags and versions. */
export function toApiPayment(payment: PaymentRecord): ApiPayment {
  return {
    id: payment.id,
    object: 'payment',
    status: payment.status,
    amount: payment.amountMinor,
    amount_captured: payment.capturedMinor,
    amount_refunded: payment.refundedMinor,
    currency: payment.currency,
    payment_method: payment.paymentMethod,
    capture_method: payment.captureMethod,
    reference: payment.reference,
    description: payment.description,
    metadata: payment.metadata,
    failure: toApiFailure(payment.failure),
    refunds: payment.refunds.map(toApiRefund),
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
  };
}

function toApiFailure(failure: PaymentRecord['failure']): ApiPayment['failure'] {
  if (failure === null) return null;
  return { code: failure.code, decline_code: failure.declineCode, message: failure.message };
}

function toApiRefund(refund: RefundRecord): ApiRefund {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amountMinor,
    currency: refund.currency,
    status: refund.status,
    reason: refund.reason,
    created_at: refund.createdAt.toISOString(),
  };
}
