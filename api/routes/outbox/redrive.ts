import { apiRedriveSchema, redriveRequestSchema } from '../../../contracts/schemas/api-outbox';
import { callerOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { jsonOf } from '../../routing/request-body';
import { route } from '../../routing/route';

export const redriveOutbox = route({
  method: 'post',
  path: '/v1/outbox/redrive',
  operationId: 'redriveOutbox',
  tag: 'operations',
  summary: 'Publish dead messages again',
  description:
    'Only says which they are, unless `dry_run` is false. Takes no Idempotency-Key: a message that ' +
    'is not dead any more is not touched, so that repeating the request is harmless.',
  scope: 'operate',
  body: jsonOf(redriveRequestSchema),
  answers: { 200: json('What was done, or would be.', apiRedriveSchema) },
  handle: (deps) => async (given, response) => {
    const { merchantId, keyId } = callerOf(response);
    const command = { merchantId, actor: keyId, request: given.body };
    response.json(await deps.redriveOutbox(command));
  },
});
