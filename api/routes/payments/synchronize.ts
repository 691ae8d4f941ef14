import { apiPaymentSchema } from '../../../contracts/schemas/api-payment';
import { noFields } from '../../../contracts/schemas/payment-request';
import { idempotencyKey } from '../../headers/idempotency-key';
import { contextOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { keyScope, sendKeyed } from '../../routing/keyed';
import { optionalJsonOf } from '../../routing/request-body';
import { route } from '../../routing/route';
import { paymentIdInPath } from './payment-id';

export const synchronizePayment = route({
  method: 'post',
  path: '/v1/payments/{id}/sync',
  operationId: 'synchronizePayment',
  tag: 'payments',
  summary: 'Read the provider now',
  description:
    'Asks the provider where the payment stands, and applies what it says, without waiting for a ' +
    'webhook. A 503 says that the provider could not be asked yet; the look goes on by itself.',
  scope: 'write',
  params: paymentIdInPath,
  headers: [idempotencyKey],
  body: optionalJsonOf(noFields),
  answers: {
    200: json('The payment as it is after the look.', apiPaymentSchema, [
      'Location',
      'Idempotent-Replayed',
    ]),
  },
  problems: ['payment_not_found'],
  handle:
    ({ synchronizePayment: synchronize }) =>
    async ({ params, body, header }, response) => {
      const path = `/v1/payments/${params.id}/sync`;
      sendKeyed(
        response,
        await synchronize({
          scope: keyScope(response, path, header(idempotencyKey)),
          request: body,
          paymentId: params.id,
          waitSeconds: null,
          traceparent: contextOf(response).traceparent,
        }),
      );
    },
});
