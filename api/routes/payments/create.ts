import type { RequestHandler } from 'express';
import type { AcceptPayment } from '../../../application/accept-payment';
import { paymentRequestSchema } from '../../../contracts/schemas/payment-request';
import { parseIdempotencyKey } from '../../headers/idempotency-key';
import { parsePreferWait } from '../../headers/prefer-wait';
import { readJson } from '../../middleware/json-body';
import { callerOf, contextOf } from '../../middleware/request-context';
import { validate } from '../../parsing/validate';

/** POST /v1/payments */
export function createPayment(acceptPayment: AcceptPayment): RequestHandler {
  return async (request, response) => {
    const key = parseIdempotencyKey(request.get('Idempotency-Key'));
    const { answer, replayed } = await acceptPayment({
      scope: {
        merchantId: callerOf(response).merchantId,
        method: 'POST',
        path: '/v1/payments',
        key,
      },
      request: validate(paymentRequestSchema, readJson(request)),
      waitSeconds: parsePreferWait(request.get('Prefer')),
      traceparent: contextOf(response).traceparent,
    });
    response.status(answer.statusCode).set(answer.headers).type('json');
    if (replayed) response.set('Idempotent-Replayed', 'true');
    response.send(answer.body);
  };
}
