import { z } from 'zod';
import { toApiPayment } from '../../../application/payment-view';
import type { ApiPaymentList } from '../../../contracts/api-payment';
import { apiPaymentListSchema } from '../../../contracts/schemas/api-payment';
import { paymentStatuses } from '../../../domain/payment-states';
import { isCurrency } from '../../../domain/money';
import { callerOf } from '../../middleware/request-context';
import { orNull, pageLimit, time } from '../../parsing/query';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { isPaymentId } from './payment-id';

const currency = z
  .string('must be one ISO 4217 code')
  .transform((code) => code.toUpperCase())
  .refine(isCurrency, 'must be one ISO 4217 code');

const idText = 'must be one payment id';

/** The query of GET /v1/payments. A parameter given twice is a list, and refused. */
export const paymentListSchema = z
  .strictObject({
    limit: pageLimit,
    starting_after: orNull(z.string(idText).refine(isPaymentId, idText)).meta({
      description: 'The last id of the page before.',
    }),
    status: orNull(z.enum(paymentStatuses, 'must be one payment status')),
    reference: orNull(z.string('must be one text').min(1, 'must not be empty')),
    currency: orNull(currency),
    created_after: orNull(time).meta({ description: 'Made at this time or later.' }),
    created_before: orNull(time).meta({ description: 'Made before this time.' }),
  })
  .superRefine(({ created_after: after, created_before: before }, context) => {
    // This runs also after a field was refused.
    if (!(after instanceof Date && before instanceof Date) || after < before) return;
    const message = 'must be later than created_after';
    context.addIssue({ code: 'custom', path: ['created_before'], message });
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
        currency: query.currency,
        createdFrom: query.created_after,
        createdBefore: query.created_before,
      });
      const body: ApiPaymentList = {
        object: 'list',
        data: page.payments.map(toApiPayment),
        has_more: page.hasMore,
      };
      response.json(body);
    },
});
