import { RequestRefused } from '../../../application/errors';
import { toApiRefund } from '../../../application/payment-view';
import { apiRefundSchema } from '../../../contracts/schemas/api-payment';
import { callerOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { refundIdInPath } from './refund-id';

export const readRefund = route({
  method: 'get',
  path: '/v1/refunds/{id}',
  operationId: 'readRefund',
  tag: 'payments',
  summary: 'Read a refund',
  scope: 'read',
  params: refundIdInPath,
  answers: { 200: json('The refund.', apiRefundSchema) },
  handle:
    ({ payments }) =>
    async ({ params }, response) => {
      const { merchantId } = callerOf(response);
      const refund = await payments.findRefund({ merchantId, refundId: params.id });
      if (refund === null) throw new RequestRefused('refund_not_found');
      response.json(toApiRefund(refund));
    },
});
