import type { RequestHandler } from 'express';
import { RequestRefused } from '../../../application/errors';
import { toApiPayment } from '../../../application/payment-view';
import type { PaymentReader } from '../../../application/ports/payment-reader';
import { callerOf } from '../../middleware/request-context';
import { isPaymentId } from './payment-id';

/** GET /v1/payments/:id */
export function readPayment(payments: PaymentReader): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const paymentId = request.params.id;
    const { merchantId } = callerOf(response);
    const payment = isPaymentId(paymentId) ? await payments.find({ merchantId, paymentId }) : null;
    if (payment === null) throw new RequestRefused('payment_not_found');
    response.json(toApiPayment(payment));
  };
}
