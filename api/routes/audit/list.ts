import { z } from 'zod';
import type { AuditEntry } from '../../../application/ports/audit-trail';
import type { ApiAuditEntry, ApiAuditList } from '../../../contracts/audit';
import { apiAuditListSchema } from '../../../contracts/schemas/audit';
import { callerOf } from '../../middleware/request-context';
import { orNull, pageLimit } from '../../parsing/query';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';

const query = z.strictObject({
  limit: pageLimit,
  starting_after: orNull(z.uuid('must be one id of an entry')).meta({
    description: 'The last id of the page before.',
  }),
});

export const listAudit = route({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  tag: 'operations',
  summary: 'What operators did by hand, newest first',
  description: "Only what was done with keys of the caller's own merchant.",
  scope: 'operate',
  query,
  answers: { 200: json('One page.', apiAuditListSchema) },
  handle:
    ({ audit }) =>
    async ({ query: { limit, starting_after: startingAfter } }, response) => {
      const { merchantId } = callerOf(response);
      const { entries, hasMore } = await audit.list({ merchantId, limit, startingAfter });
      const body: ApiAuditList = {
        object: 'list',
        data: entries.map(toApiEntry),
        has_more: hasMore,
      };
      response.json(body);
    },
});

function toApiEntry(entry: AuditEntry): ApiAuditEntry {
  return {
    id: entry.id,
    object: 'audit_entry',
    actor: entry.actor,
    action: entry.action,
    payment: entry.paymentId,
    details: entry.details,
    outcome: entry.outcome,
    created_at: entry.createdAt.toISOString(),
  };
}
