import type { CleanedBatch, CleanQuery, Retention } from '../../application/ports/retention';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { guarded } from './store-errors';

/** Deletes in statements that wait for nobody's lock and hold theirs for milliseconds. */
export function createRetention(prisma: PrismaClient): Retention {
  return {
    clean: (query) =>
      guarded(`clean ${query.table}`, () =>
        query.table === 'outbox_events' ? cleanOutbox(prisma, query) : clean(prisma, query),
      ),
  };
}

/**
 * Walks along `seq`, which is about the order of writing, up to the first row that is too young: a
 * batch reads no more than it may delete. Rows that are unpublished or dead are passed over, however
 * old. When its event was published stays known on the transition or the fact that it told of.
 */
async function cleanOutbox(prisma: PrismaClient, query: CleanQuery): Promise<CleanedBatch> {
  const [row] = await prisma.$queryRaw<{ deleted: number; next: string | null }[]>`
    WITH head AS MATERIALIZED (
      SELECT id, seq, published_at, created_at < ${cutoff(query)} AS is_old
      FROM outbox_events WHERE seq > ${query.after ?? '0'}::bigint
      ORDER BY seq LIMIT ${query.limit}::integer
    ), old AS (
      SELECT id, published_at FROM head WHERE published_at < ${cutoff(query)}
    ), noted_transitions AS (
      UPDATE payment_transitions t SET published_at = old.published_at
      FROM old WHERE t.event_id = old.id AND t.published_at IS NULL
    ), noted_facts AS (
      UPDATE payment_facts f SET published_at = old.published_at
      FROM old WHERE f.event_id = old.id AND f.published_at IS NULL
    ), deleted AS (
      DELETE FROM outbox_events o USING old
      WHERE o.id = old.id AND o.published_at IS NOT NULL RETURNING 1
    )
    SELECT (SELECT count(*) FROM deleted)::integer AS deleted,
      CASE WHEN count(*) = ${query.limit}::bigint AND bool_and(is_old) THEN max(seq)::text END AS next
    FROM head`;
  return row ?? { deleted: 0, next: null };
}

async function clean(prisma: PrismaClient, query: CleanQuery): Promise<CleanedBatch> {
  // A row that somebody else is at is left to the next run.
  const deleted = await prisma.$executeRaw`
    DELETE FROM ${Prisma.raw(query.table)} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${Prisma.raw(query.table)} WHERE ${isOver(query)}
      LIMIT ${query.limit}::integer FOR UPDATE SKIP LOCKED))`;
  return { deleted, next: deleted === query.limit ? query.table : null };
}

function isOver(query: CleanQuery): Prisma.Sql {
  if (query.table === 'idempotency_keys') {
    // One that is locked has no answer yet: its first request is still at work, or was lost.
    return Prisma.sql`created_at < ${cutoff(query)} AND locked_until IS NULL`;
  }
  const since = query.table === 'stripe_events' ? 'processed_at' : 'received_at';
  return Prisma.sql`${Prisma.raw(since)} < ${cutoff(query)}`;
}

function cutoff({ keepMs }: CleanQuery): Prisma.Sql {
  return Prisma.sql`now() - ${keepMs}::float8 * interval '1 ms'`;
}
