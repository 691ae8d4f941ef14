import { revealAnswer } from '../../../application/show-payment';
import { apiPaymentSchema } from '../../../contracts/schemas/api-payment';
import { paymentRequestSchema } from '../../../contracts/schemas/payment-request';
import { idempotencyKey } from '../../headers/idempotency-key';
import { preferWait } from '../../headers/prefer-wait';
import { contextOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { keyScope, sendKeyed } from '../../routing/keyed';
import { jsonOf } from '../../routing/request-body';
import { route } from '../../routing/route';

export const createPayment = route({
  method: 'post',
  path: '/v1/payments',
  operationId: 'createPayment',
  tag: 'payments',
  summary: 'Accept a payment',
  description:
    'Answers at once and charges in the background, unless `Prefer: wait` asks for the outcome.',
  scope: 'write',
  headers: [idempotencyKey, preferWait],
  body: jsonOf(paymentRequestSchema),
  answers: {
    201: json('Accepted, and decided in time.', apiPaymentSchema, [
      'Location',
      'Preference-Applied',
      'Idempotent-Replayed',
    ]),
    202: json('Accepted; the outcome is not known yet.', apiPaymentSchema, [
      'Location',
      'Retry-After',
      'Preference-Applied',
      'Idempotent-Replayed',
    ]),
  },
  problems: ['reference_in_use'],
  handle:
    ({ acceptPayment, ...deps }) =>
    async ({ body, header }, response) => {
      const { answer, replayed } = await acceptPayment({
        scope: keyScope(response, '/v1/payments', header(idempotencyKey)),
        request: body,
        waitSeconds: header(preferWait),
        traceparent: contextOf(response).traceparent,
      });
      sendKeyed(response, { answer: await revealAnswer(deps, answer), replayed });
    },
});
