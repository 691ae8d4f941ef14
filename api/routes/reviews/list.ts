import { z } from 'zod';
import { toApiPayment } from '../../../application/payment-view';
import type { ApiPaymentList } from '../../../contracts/api-payment';
import { apiPaymentListSchema } from '../../../contracts/schemas/api-payment';
import { callerOf } from '../../middleware/request-context';
import { orNull, pageLimit } from '../../parsing/query';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { isPaymentId } from '../payments/payment-id';

const idText = 'must be one payment id';

const reviewListSchema = z.strictObject({
  limit: pageLimit,
  starting_after: orNull(z.string(idText).refine(isPaymentId, idText)).meta({
    description: 'The last id of the page before.',
  }),
});

export const listReviews = route({
  method: 'get',
  path: '/v1/reviews',
  operationId: 'listReviews',
  tag: 'operations',
  summary: 'List the payments that wait for an operator, newest first',
  description: "Those of the key's own merchant. Each payment's timeline says what is safe to do.",
  scope: 'operate',
  query: reviewListSchema,
  answers: { 200: json('One page.', apiPaymentListSchema) },
  handle:
    ({ payments }) =>
    async ({ query }, response) => {
      const page = await payments.list({
        merchantId: callerOf(response).merchantId,
        limit: query.limit,
        startingAfter: query.starting_after,
        status: 'needs_review',
        reference: null,
        currency: null,
        createdFrom: null,
        createdBefore: null,
      });
      const body: ApiPaymentList = {
        object: 'list',
        data: page.payments.map(toApiPayment),
        has_more: page.hasMore,
      };
      response.json(body);
    },
});
