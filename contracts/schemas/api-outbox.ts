import { z } from 'zod';
import { outboxStates } from '../api-outbox';
import type { ApiOutboxList, ApiOutboxMessage, ApiRedrive, RedriveRequest } from '../api-outbox';

const time = z.iso.datetime();

/** A message that is not published yet, as the API shows it. */
const apiOutboxMessageSchema: z.ZodType<ApiOutboxMessage> = z
  .strictObject({
    id: z.uuid(),
    object: z.literal('outbox_message'),
    state: z.enum(outboxStates),
    type: z.string(),
    subject: z.string().meta({ description: 'The id of the payment it is about, mostly.' }),
    attempts: z.int().min(0),
    last_error: z.string().nullable(),
    payload: z.record(z.string(), z.unknown()).meta({ description: 'A CloudEvents envelope.' }),
    created_at: time,
    next_attempt_at: time.nullable(),
    dead_at: time.nullable(),
  })
  .meta({ id: 'OutboxMessage' });

/** One page of messages that are not published yet. */
export const apiOutboxListSchema: z.ZodType<ApiOutboxList> = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(apiOutboxMessageSchema),
    has_more: z.boolean(),
  })
  .meta({ id: 'OutboxList' });

/** The most messages that one call redrives. */
export const mostRedriven = 1_000;

const part = z
  .string('must be text')
  .min(1, 'must not be empty')
  .max(200, 'at most 200 characters');

/** The body of POST /v1/outbox/redrive. It must name something: all at once is no accident then. */
export const redriveRequestSchema: z.ZodType<RedriveRequest> = z
  .strictObject({
    ids: z
      .array(z.uuid('must be the id of a message'), 'must be a list of ids')
      .min(1, 'must not be empty')
      .max(mostRedriven, `at most ${mostRedriven} ids`)
      .nullable()
      .default(null),
    type: part.nullable().default(null),
    error_contains: part.nullable().default(null),
    dry_run: z
      .boolean('must be true or false')
      .default(true)
      .meta({ description: 'Only says what would be done; on unless it is turned off.' }),
  })
  .refine(
    ({ ids, type, error_contains: error }) => ids !== null || type !== null || error !== null,
    'must name ids, type or error_contains',
  )
  .meta({ id: 'RedriveRequest' });

/** What a redrive did, or would do. */
export const apiRedriveSchema: z.ZodType<ApiRedrive> = z
  .strictObject({
    object: z.literal('outbox_redrive'),
    dry_run: z.boolean(),
    count: z.int().min(0),
    ids: z.array(z.uuid()),
    has_more: z.boolean(),
  })
  .meta({ id: 'OutboxRedrive' });
