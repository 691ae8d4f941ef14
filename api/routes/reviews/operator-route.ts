import type { OperatorCommand } from '../../../application/operator-action';
import { apiPaymentSchema } from '../../../contracts/schemas/api-payment';
import { idempotencyKey } from '../../headers/idempotency-key';
import { callerOf, contextOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { keyScope, sendKeyed } from '../../routing/keyed';
import type { RequestBody } from '../../routing/request-body';
import { route } from '../../routing/route';
import type { Route } from '../../routing/route';
import { paymentIdInPath } from '../payments/payment-id';

/** Declares what an operator can ask of a parked payment. */
export function operatorRoute(action: {
  readonly verb: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly body: RequestBody<OperatorCommand['request']>;
}): Route {
  const { verb, body, ...facts } = action;
  return route({
    ...facts,
    method: 'post',
    path: `/v1/payments/{id}/${verb}`,
    tag: 'operations',
    description: `${facts.description} Only payments of the key's own merchant; kept in the audit trail.`,
    scope: 'operate',
    params: paymentIdInPath,
    headers: [idempotencyKey],
    body,
    answers: {
      200: json('Done: the payment as it is now.', apiPaymentSchema, [
        'Location',
        'Idempotent-Replayed',
      ]),
      202: json('Taken, and still at work: read the payment.', apiPaymentSchema, [
        'Location',
        'Retry-After',
        'Idempotent-Replayed',
      ]),
    },
    problems: ['payment_not_found', 'payment_state_conflict', 'request_in_progress'],
    handle:
      ({ operateOnPayment }) =>
      async (given, response) => {
        const path = `/v1/payments/${given.params.id}/${verb}`;
        sendKeyed(
          response,
          await operateOnPayment({
            scope: keyScope(response, path, given.header(idempotencyKey)),
            request: given.body,
            paymentId: given.params.id,
            actor: callerOf(response).keyId,
            waitSeconds: null,
            traceparent: contextOf(response).traceparent,
          }),
        );
      },
  });
}
