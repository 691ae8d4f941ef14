import { z } from 'zod';
import { RequestRefused } from '../../../application/errors';
import { toApiRefund } from '../../../application/payment-view';
import type { ApiRefundList } from '../../../contracts/api-payment';
import { apiRefundListSchema } from '../../../contracts/schemas/api-payment';
import { callerOf } from '../../middleware/request-context';
import { orNull, pageLimit } from '../../parsing/query';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { paymentIdInPath } from '../payments/payment-id';
import { isRefundId } from './refund-id';

const idText = 'must be one refund id';

export const listRefunds = route({
  method: 'get',
  path: '/v1/payments/{id}/refunds',
  operationId: 'listRefunds',
  tag: 'payments',
  summary: 'List the refunds of a payment, newest first',
  scope: 'read',
  params: paymentIdInPath,
  query: z.strictObject({
    limit: pageLimit,
    starting_after: orNull(z.string(idText).refine(isRefundId, idText)).meta({
      description: 'The last id of the page before.',
    }),
  }),
  answers: { 200: json('One page.', apiRefundListSchema) },
  problems: ['payment_not_found'],
  handle:
    ({ payments }) =>
    async ({ params, query }, response) => {
      const { merchantId } = callerOf(response);
      const payment = await payments.find({ merchantId, paymentId: params.id });
      if (payment === null) throw new RequestRefused('payment_not_found');
      const newestFirst = payment.refunds.toReversed();
      const last = newestFirst.findIndex(({ id }) => id === query.starting_after);
      const rest = newestFirst.slice(last + 1);
      const body: ApiRefundList = {
        object: 'list',
        data: rest.slice(0, query.limit).map(toApiRefund),
        has_more: rest.length > query.limit,
      };
      response.json(body);
    },
});
