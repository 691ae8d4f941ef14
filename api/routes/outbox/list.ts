import { z } from 'zod';
import type { OutboxEntry } from '../../../application/ports/outbox-desk';
import { outboxStates } from '../../../contracts/api-outbox';
import type { ApiOutboxList, ApiOutboxMessage } from '../../../contracts/api-outbox';
import { apiOutboxListSchema } from '../../../contracts/schemas/api-outbox';
import { callerOf } from '../../middleware/request-context';
import { orNull, pageLimit } from '../../parsing/query';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { isPaymentId } from '../payments/payment-id';

const query = z.strictObject({
  limit: pageLimit,
  starting_after: orNull(z.uuid('must be one message id')).meta({
    description: 'The last id of the page before.',
  }),
  state: orNull(z.enum(outboxStates, 'must be "waiting" or "dead"')),
  type: orNull(z.string('must be one message type').min(1, 'must not be empty')),
  payment: orNull(z.string('must be one payment id').refine(isPaymentId, 'must be one payment id')),
});

export const listOutbox = route({
  method: 'get',
  path: '/v1/outbox',
  operationId: 'listOutbox',
  tag: 'operations',
  summary: 'List messages that are not published yet, in the order of publishing',
  description: "Those of the key's merchant, and the service's own.",
  scope: 'operate',
  query,
  answers: { 200: json('One page.', apiOutboxListSchema) },
  handle: (deps) => async (given, response) => {
    const { limit, state, type } = given.query;
    const page = await deps.outbox.list({
      merchantId: callerOf(response).merchantId,
      limit,
      startingAfter: given.query.starting_after,
      state,
      type,
      paymentId: given.query.payment,
    });
    const body: ApiOutboxList = {
      object: 'list',
      data: page.entries.map(toApiMessage),
      has_more: page.hasMore,
    };
    response.json(body);
  },
});

function toApiMessage(entry: OutboxEntry): ApiOutboxMessage {
  return {
    id: entry.id,
    object: 'outbox_message',
    state: entry.state,
    type: entry.type,
    subject: entry.subject,
    attempts: entry.attempts,
    last_error: entry.lastError,
    payload: entry.payload,
    created_at: entry.createdAt.toISOString(),
    next_attempt_at: entry.nextAttemptAt?.toISOString() ?? null,
    dead_at: entry.deadAt?.toISOString() ?? null,
  };
}
