import { RequestRefused } from '../../../application/errors';
import { showPayment } from '../../../application/show-payment';
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
    ({ payments, actions }) =>
    async ({ params }, response) => {
      const { merchantId, scopes } = callerOf(response);
      const payment = await payments.find({ merchantId, paymentId: params.id });
      if (payment === null) throw new RequestRefused('payment_not_found');
      const mayWrite = scopes.includes('write');
      response.json(await showPayment({ actions }, payment, { mayWrite }));
    },
});
