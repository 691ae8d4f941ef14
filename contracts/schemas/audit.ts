import { z } from 'zod';
import { auditActions, auditOutcomes } from '../audit';
import type { ApiAuditEntry, ApiAuditList } from '../audit';

const entry: z.ZodType<ApiAuditEntry> = z
  .strictObject({
    id: z.uuid(),
    object: z.literal('audit_entry'),
    actor: z.string().meta({ description: 'The id of the key that was used.' }),
    action: z.enum(auditActions),
    payment: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    outcome: z.enum(auditOutcomes).meta({
      description:
        'An action has an entry `started`, written before anything is done, and a second one that ' +
        'says what came of it.',
    }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'AuditEntry' });

/** One page of the audit trail, newest first. */
export const apiAuditListSchema: z.ZodType<ApiAuditList> = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(entry),
    has_more: z.boolean(),
  })
  .meta({ id: 'AuditList' });
