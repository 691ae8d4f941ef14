import { apiPaymentSchema } from '../../../contracts/schemas/api-payment';
import { noFields } from '../../../contracts/schemas/payment-request';
import { idempotencyKey } from '../../headers/idempotency-key';
import { preferWait } from '../../headers/prefer-wait';
import { contextOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { keyScope, sendKeyed } from '../../routing/keyed';
import { optionalJsonOf } from '../../routing/request-body';
import { route } from '../../routing/route';
import { paymentIdInPath } from './payment-id';

export const cancelPayment = route({
  method: 'post',
  path: '/v1/payments/{id}/cancel',
  operationId: 'cancelPayment',
  tag: 'payments',
  summary: 'Cancel a payment',
  description:
    'Releases what is held. A payment that is being charged is refunded once that is done.',
  scope: 'write',
  params: paymentIdInPath,
  headers: [idempotencyKey, preferWait],
  body: optionalJsonOf(noFields),
  answers: {
    200: json('Done: the payment as it is now.', apiPaymentSchema, [
      'Location',
      'Preference-Applied',
      'Idempotent-Replayed',
    ]),
    202: json('Stored; the payment shows it as its open request.', apiPaymentSchema, [
      'Location',
      'Retry-After',
      'Preference-Applied',
      'Idempotent-Replayed',
    ]),
  },
  problems: ['payment_not_found', 'payment_state_conflict', 'request_in_progress'],
  handle:
    ({ acceptRequest }) =>
    async ({ params, body, header }, response) => {
      const path = `/v1/payments/${params.id}/cancel`;
      sendKeyed(
        response,
        await acceptRequest({
          scope: keyScope(response, path, header(idempotencyKey)),
          request: body,
          paymentId: params.id,
          kind: 'cancel',
          waitSeconds: header(preferWait),
          traceparent: contextOf(response).traceparent,
        }),
      );
    },
});
