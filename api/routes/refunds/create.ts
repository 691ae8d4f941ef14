import { apiRefundSchema } from '../../../contracts/schemas/api-payment';
import { refundRequestSchema } from '../../../contracts/schemas/payment-request';
import { idempotencyKey } from '../../headers/idempotency-key';
import { preferWait } from '../../headers/prefer-wait';
import { contextOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { keyScope, sendKeyed } from '../../routing/keyed';
import { optionalJsonOf } from '../../routing/request-body';
import { route } from '../../routing/route';
import { paymentIdInPath } from '../payments/payment-id';

export const createRefund = route({
  method: 'post',
  path: '/v1/payments/{id}/refunds',
  operationId: 'createRefund',
  tag: 'payments',
  summary: 'Refund a payment',
  description:
    'Gives back the amount, or all that is left. Several refunds may be made, also at once; ' +
    'together they are never above what was captured. A refund can fail long after it was asked for.',
  scope: 'refund',
  params: paymentIdInPath,
  headers: [idempotencyKey, preferWait],
  body: optionalJsonOf(refundRequestSchema),
  answers: {
    201: json('Ended: the refund, which may also have failed.', apiRefundSchema, [
      'Location',
      'Preference-Applied',
      'Idempotent-Replayed',
    ]),
    202: json('Stored; the refund is under way.', apiRefundSchema, [
      'Location',
      'Retry-After',
      'Preference-Applied',
      'Idempotent-Replayed',
    ]),
  },
  problems: [
    'payment_not_found',
    'payment_state_conflict',
    'amount_not_available',
    'precondition_failed',
  ],
  handle:
    ({ acceptRefund }) =>
    async ({ params, body, header }, response) => {
      const path = `/v1/payments/${params.id}/refunds`;
      sendKeyed(
        response,
        await acceptRefund({
          scope: keyScope(response, path, header(idempotencyKey)),
          request: body,
          paymentId: params.id,
          waitSeconds: header(preferWait),
          traceparent: contextOf(response).traceparent,
        }),
      );
    },
});
