import type { KeptEvent, KeptEvents, UnprocessedQuery } from '../../application/ports/kept-events';
import { Prisma } from '../../generated/prisma/client';
import type { Sql } from './client';
import { fromDbSubject, subjectQuery } from './news-subject';
import type { SubjectJson } from './news-subject';
import { guarded } from './store-errors';
import { addEvent } from './stripe-events';

interface EventRow {
  id: string;
  type: string;
  object_id: string;
  object_type: string;
  object_status: string | null;
  provider_intent_id: string | null;
  payment_id: string | null;
  refund_id: string | null;
  occurred_at: Date;
  received_at: Date;
  age_ms: number;
  processed: boolean;
  subject: SubjectJson | null;
}

/** Stored events of the provider, for those who apply them. */
export function createKeptEvents(prisma: Sql): KeptEvents {
  return {
    find: (eventId) =>
      guarded('find event', async () => {
        const [row] = await select(prisma, Prisma.sql`e.id = ${eventId}::text`);
        return row === undefined ? null : fromDbEvent(row);
      }),
    add: (added) => guarded('store event', () => addEvent(prisma, added)),
    known: (eventIds) => guarded('find events', () => known(prisma, eventIds)),
    unprocessed: (query) => guarded('find events', () => unprocessed(prisma, query)),
    close: ({ eventIds, outcome }) =>
      guarded('close events', async () => {
        await prisma.$executeRaw`
          UPDATE stripe_events SET outcome = ${outcome}::text, processed_at = clock_timestamp()
          WHERE id = ANY(${[...eventIds]}::text[]) AND processed_at IS NULL`;
      }),
    markLost: (eventId) =>
      guarded('mark event', async () => {
        await prisma.$executeRaw`
          UPDATE stripe_events SET outcome = 'lost'
          WHERE id = ${eventId}::text AND processed_at IS NULL`;
      }),
  };
}

async function known(prisma: Sql, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT id FROM stripe_events WHERE id = ANY(${[...eventIds]}::text[])`;
  return new Set(rows.map(({ id }) => id));
}

/** Served by the index stripe_events_unprocessed_idx. */
async function unprocessed(prisma: Sql, query: UnprocessedQuery): Promise<KeptEvent[]> {
  const { ageMs, strangerAgeMs, limit, after } = query;
  const rows = await select(
    prisma,
    Prisma.sql`e.processed_at IS NULL
      AND e.received_at < clock_timestamp() - ${ageMs}::float8 * interval '1 ms'
      AND (e.received_at, e.id) > (
        coalesce(${after?.receivedAt.toISOString() ?? null}::timestamptz, '-infinity'),
        ${after?.event.id ?? ''}::text)
      AND CASE
        WHEN s.subject IS NOT NULL THEN s.subject->>'status' NOT IN ('pending', 'processing')
        ELSE e.outcome IS NULL
          AND e.received_at < clock_timestamp() - ${strangerAgeMs}::float8 * interval '1 ms'
      END
    ORDER BY e.received_at, e.id LIMIT ${limit}::integer`,
  );
  return rows.map(fromDbEvent);
}

const subjectOfRow = subjectQuery({
  intentId: Prisma.sql`e.provider_intent_id`,
  paymentId: Prisma.sql`e.payment_id`,
  refundId: Prisma.sql`e.refund_id`,
  objectId: Prisma.sql`e.object_id`,
});

function select(prisma: Sql, condition: Prisma.Sql): Promise<EventRow[]> {
  return prisma.$queryRaw<EventRow[]>`
    SELECT e.id, e.type, e.object_id, e.object_type, e.object_status, e.provider_intent_id,
      e.payment_id, e.refund_id, e.occurred_at, e.received_at,
      (extract(epoch FROM clock_timestamp() - e.received_at) * 1000)::float8 AS age_ms,
      e.processed_at IS NOT NULL AS processed, s.subject
    FROM stripe_events e LEFT JOIN LATERAL (${subjectOfRow}) s ON true
    WHERE ${condition}`;
}

function fromDbEvent(row: EventRow): KeptEvent {
  return {
    event: {
      id: row.id,
      type: row.type,
      objectId: row.object_id,
      objectType: row.object_type,
      objectStatus: row.object_status,
      providerIntentId: row.provider_intent_id,
      paymentId: row.payment_id,
      refundId: row.refund_id,
      occurredAt: row.occurred_at,
    },
    subject: fromDbSubject(row.subject),
    isProcessed: row.processed,
    receivedAt: row.received_at,
    ageMs: row.age_ms,
  };
}
