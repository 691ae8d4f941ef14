import { z } from 'zod';
import { toApiPayment } from '../../../application/payment-view';
import type { ApiPaymentList } from '../../../contracts/api-payment';
import { apiPaymentListSchema } from '../../../contracts/schemas/api-payment';
import { paymentStatuses } from '../../../domain/payment-states';
import { callerOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { isPaymentId } from './payment-id';

const limitText = 'must be a whole number from 1 to 100';

/** The query of GET /v1/payments. A parameter given twice is a list, and refused. */
export const paymentListSchema = z.strictObject({
  limit: z
    .string(limitText)
    .regex(/^(?:[1-9]\d?|100)$/, limitText)
    .transform(Number)
    .default(10),
  starting_after: z
    .string('must be one payment id')
    .refine(isPaymentId, 'must be one payment id')
    .nullable()
    .default(null),
  status: z.enum(paymentStatuses, 'must be one payment status').nullable().default(null),
  reference: z.string('must be one text').min(1, 'must not be empty').nullable().default(null),
});

export const listPayments = route({
  method: 'get',
  path: '/v1/payments',
  operationId: 'listPayments',
  tag: 'payments',
  summary: 'List payments, newest first',
  scope: 'read',
  query: paymentListSchema,
  answers: { 200: json('One page.', apiPaymentListSchema) },
  handle:
    ({ payments }) =>
    async ({ query }, response) => {
      const page = await payments.list({
        merchantId: callerOf(response).merchantId,
        limit: query.limit,
        startingAfter: query.starting_after,
        status: query.status,
        reference: query.reference,
      });
      const body: ApiPaymentList = {
        object: 'list',
        data: page.payments.map(toApiPayment),
        has_more: page.hasMore,
      };
      response.json(body);
    },
});
