import { RequestRefused } from '../../../application/errors';
import { toApiPayment } from '../../../application/payment-view';
import { apiPaymentSchema } from '../../../contracts/schemas/api-payment';
import { callerOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { paymentIdInPath } from './payment-id';

export const readPayment = route({
  method: 'get',
  path: '/v1/payments/{id}',
  operationId: 'readPayment',
  tag: 'payments',
  summary: 'Read a payment',
  scope: 'read',
  params: paymentIdInPath,
  answers: { 200: json('The payment.', apiPaymentSchema) },
  handle:
    ({ payments }) =>
    async ({ params }, response) => {
      const { merchantId } = callerOf(response);
      const payment = await payments.find({ merchantId, paymentId: params.id });
      if (payment === null) throw new RequestRefused('payment_not_found');
      response.json(toApiPayment(payment));
    },
});
