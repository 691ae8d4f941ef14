import type {
  NewEvent,
  ProviderEvent,
  ProviderEventStore,
} from '../../application/ports/provider-webhooks';
import type { NewsSubject } from '../../domain/provider-news';
import { Prisma } from '../../generated/prisma/client';
import { available } from './availability';
import type { Sql } from './client';
import { fromDbSubject, subjectQuery } from './news-subject';
import type { SubjectJson } from './news-subject';
import { insertMessages } from './outbox-messages';

/** Keeps which webhooks arrived, without their payload. */
export function createProviderEventStore(prisma: Sql): ProviderEventStore {
  return {
    subjectOf: (event) => available('look up a webhook', () => subjectOf(prisma, event)),
    add: (added) => available('store a webhook', () => addEvent(prisma, added)),
  };
}

async function subjectOf(prisma: Sql, event: ProviderEvent): Promise<NewsSubject | null> {
  const [row] = await prisma.$queryRaw<{ subject: SubjectJson }[]>(
    subjectQuery({
      intentId: Prisma.sql`${event.providerIntentId}::text`,
      paymentId: Prisma.sql`${event.paymentId}::text`,
      refundId: Prisma.sql`${event.refundId}::text`,
      objectId: Prisma.sql`${event.objectId}::text`,
    }),
  );
  return fromDbSubject(row?.subject ?? null);
}

/** The event and its command in one statement: both exist, or neither; a repeat adds neither. */
export async function addEvent(
  prisma: Sql,
  { event, outcome, command }: NewEvent,
): Promise<boolean> {
  const rows = await prisma.$queryRaw<{ added: number }[]>`
    WITH added AS (
      INSERT INTO stripe_events (id, type, object_id, object_type, object_status,
        provider_intent_id, payment_id, refund_id, occurred_at, outcome, processed_at)
      VALUES (${event.id}::text, ${event.type}::text, ${event.objectId}::text,
        ${event.objectType}::text, ${event.objectStatus}::text, ${event.providerIntentId}::text,
        ${event.paymentId}::text, ${event.refundId}::text,
        ${event.occurredAt.toISOString()}::timestamptz, ${outcome}::text,
        CASE WHEN ${outcome}::text IS NOT NULL THEN clock_timestamp() END)
      ON CONFLICT DO NOTHING RETURNING id
    ), queued AS (
      ${insertMessages(Prisma.sql`added AS subject`, command === null ? [] : [command])}
    )
    SELECT count(*)::integer AS added FROM added`;
  return rows[0]?.added === 1;
}
