import { z } from 'zod';
import { driftTypes } from '../../domain/reconciliation';
import type {
  ApiDrift,
  ApiDriftList,
  ApiReconciliation,
  ApiReconciliationList,
  ReconciliationRequest,
} from '../api-reconciliation';

const time = z.iso.datetime();
const count = z.int().min(0);

/** One run, as the API shows it. */
export const apiReconciliationSchema: z.ZodType<ApiReconciliation> = z
  .strictObject({
    id: z.string(),
    object: z.literal('reconciliation'),
    status: z.enum(['running', 'completed']),
    origin: z.enum(['schedule', 'manual']),
    from: time,
    to: time,
    intents: count,
    refunds: count,
    foreign_objects: count.meta({ description: 'Of others who share the account.' }),
    in_flight: count.meta({ description: 'Differences that something on its way explains.' }),
    drift: z.strictObject({
      found: count,
      repaired: count,
      by_type: z.partialRecord(z.enum(driftTypes), count),
    }),
    started_at: time,
    completed_at: time.nullable(),
  })
  .meta({ id: 'Reconciliation' });

/** One page of runs, newest first. */
export const apiReconciliationListSchema: z.ZodType<ApiReconciliationList> = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(apiReconciliationSchema),
    has_more: z.boolean(),
  })
  .meta({ id: 'ReconciliationList' });

const apiDriftSchema: z.ZodType<ApiDrift> = z
  .strictObject({
    id: z.string(),
    object: z.literal('drift'),
    type: z.enum(driftTypes),
    state: z.enum(['open', 'repaired']),
    payment: z.string().nullable(),
    subject: z.string().meta({ description: 'The id of what differs.' }),
    evidence: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Both sides as they were found; null where there is none.' }),
    found_at: time,
    repaired_at: time.nullable(),
  })
  .meta({ id: 'Drift' });

/** One page of drifts, in the order in which they were found. */
export const apiDriftListSchema: z.ZodType<ApiDriftList> = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(apiDriftSchema),
    has_more: z.boolean(),
  })
  .meta({ id: 'DriftList' });

/** The longest window of one run. */
const longestDays = 31;
const moment = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with its offset' })
  .transform((text) => new Date(text));

/** The body of POST /v1/reconciliations. */
export const reconciliationRequestSchema: z.ZodType<ReconciliationRequest> = z
  .strictObject({ from: moment, to: moment })
  .superRefine(({ from, to }, context) => {
    // This runs also after a field was refused.
    if (!(from instanceof Date && to instanceof Date)) return;
    const days = (to.getTime() - from.getTime()) / 86_400_000;
    if (days > 0 && days <= longestDays) return;
    const message = `must be later than from, by at most ${longestDays} days`;
    context.addIssue({ code: 'custom', path: ['to'], message });
  })
  .meta({ id: 'ReconciliationRequest' });
