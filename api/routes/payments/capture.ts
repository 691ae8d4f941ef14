import { apiPaymentSchema } from '../../../contracts/schemas/api-payment';
import { captureRequestSchema } from '../../../contracts/schemas/payment-request';
import { idempotencyKey } from '../../headers/idempotency-key';
import { preferWait } from '../../headers/prefer-wait';
import { contextOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { keyScope, sendKeyed } from '../../routing/keyed';
import { optionalJsonOf } from '../../routing/request-body';
import { route } from '../../routing/route';
import { paymentIdInPath } from './payment-id';

export const capturePayment = route({
  method: 'post',
  path: '/v1/payments/{id}/capture',
  operationId: 'capturePayment',
  tag: 'payments',
  summary: 'Capture a held payment',
  description:
    'Takes the amount, or all of the hold; the rest is released. One capture or cancel at a time.',
  scope: 'write',
  params: paymentIdInPath,
  headers: [idempotencyKey, preferWait],
  body: optionalJsonOf(captureRequestSchema),
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
  problems: [
    'payment_not_found',
    'payment_state_conflict',
    'request_in_progress',
    'amount_not_available',
  ],
  handle:
    ({ acceptRequest }) =>
    async ({ params, body, header }, response) => {
      const path = `/v1/payments/${params.id}/capture`;
      sendKeyed(
        response,
        await acceptRequest({
          scope: keyScope(response, path, header(idempotencyKey)),
          request: body,
          paymentId: params.id,
          kind: 'capture',
          waitSeconds: header(preferWait),
          traceparent: contextOf(response).traceparent,
        }),
      );
    },
});
