import { z } from 'zod';
import { paymentActions } from '../../domain/explain-payment';
import { paymentStatuses } from '../../domain/payment-states';
import { scopes } from '../api-payment';
import { timelineKinds } from '../api-timeline';
import type { ApiSafeAction, ApiTimeline, ApiTimelineEntry } from '../api-timeline';

const entry: z.ZodType<ApiTimelineEntry> = z
  .strictObject({
    at: z.iso.datetime(),
    kind: z.enum(timelineKinds),
    text: z.string().meta({ description: 'One plain sentence.' }),
    details: z.record(z.string(), z.unknown()).meta({
      description:
        'What is stored, by kind. Times are RFC 3339, amounts integer minor units of the payment.',
    }),
  })
  .meta({ id: 'TimelineEntry' });

const safeAction: z.ZodType<ApiSafeAction> = z
  .strictObject({
    action: z.enum(paymentActions),
    method: z.literal('POST'),
    path: z.string(),
    scope: z.enum(scopes),
    amount_available: z.int().min(0).nullable().meta({
      description: 'The most that can be captured or refunded; null where no amount is given.',
    }),
  })
  .meta({ id: 'SafeAction' });

/** All that is stored of a payment, oldest first. */
export const apiTimelineSchema: z.ZodType<ApiTimeline> = z
  .strictObject({
    object: z.literal('timeline'),
    payment: z.string(),
    status: z.enum(paymentStatuses),
    summary: z.string().meta({
      description: 'In plain words: what happened, where the money is, what comes next.',
    }),
    actions: z.array(safeAction).meta({ description: 'What is safe to ask of it now.' }),
    entries: z.array(entry).meta({ description: 'Oldest first.' }),
  })
  .meta({ id: 'Timeline' });
