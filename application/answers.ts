import { isDecided } from '../domain/payment-states';
import { RequestRefused } from './errors';
import { toApiPayment, toApiRefund } from './payment-view';
import type { Answer } from './ports/idempotency-store';
import type { PaymentRecord, RefundRecord } from './ports/payment-reader';

/**
 * The answer to the request that made the payment: 201 with the outcome when it is decided, else
 * 202 and where to ask.
 * @param waitedSeconds what was granted of `Prefer: wait`; null when it was not asked for
 */
export function paymentAnswer(payment: PaymentRecord, waitedSeconds: number | null): Answer {
  const decided = isDecided(payment.status);
  return {
    statusCode: decided ? 201 : 202,
    headers: {
      Location: `/v1/payments/${payment.id}`,
      ...(decided ? {} : { 'Retry-After': '1' }),
      ...(waitedSeconds === null ? {} : { 'Preference-Applied': `wait=${waitedSeconds}` }),
    },
    body: JSON.stringify(toApiPayment(payment)),
  };
}

/**
 * The answer to a capture or a cancel: 202 while it is open, 200 with the payment once it was done.
 * @throws RequestRefused when it came to nothing
 */
export function requestAnswer(of: {
  readonly payment: PaymentRecord;
  readonly requestId: string;
  readonly refusal: string | null;
  /** What was granted of `Prefer: wait`; null when it was not asked for. */
  readonly waitedSeconds: number | null;
}): Answer {
  const { payment, requestId, refusal, waitedSeconds } = of;
  if (refusal !== null) throw new RequestRefused('payment_state_conflict', { detail: refusal });
  const isOpen = payment.openRequest?.id === requestId;
  return {
    statusCode: isOpen ? 202 : 200,
    headers: {
      Location: `/v1/payments/${payment.id}`,
      ...(isOpen ? { 'Retry-After': '1' } : {}),
      ...(waitedSeconds === null ? {} : { 'Preference-Applied': `wait=${waitedSeconds}` }),
    },
    body: JSON.stringify(toApiPayment(payment)),
  };
}

/**
 * The answer to the request that made the refund: 201 once it has ended, in whatever way, else 202
 * and where to ask.
 * @param waitedSeconds what was granted of `Prefer: wait`; null when it was not asked for
 */
export function refundAnswer(refund: RefundRecord, waitedSeconds: number | null): Answer {
  const isPending = refund.status === 'pending';
  return {
    statusCode: isPending ? 202 : 201,
    headers: {
      Location: `/v1/refunds/${refund.id}`,
      ...(isPending ? { 'Retry-After': '1' } : {}),
      ...(waitedSeconds === null ? {} : { 'Preference-Applied': `wait=${waitedSeconds}` }),
    },
    body: JSON.stringify(toApiRefund(refund)),
  };
}
