import type {
  DeadRows,
  OutboxDesk,
  OutboxEntry,
  OutboxPage,
  OutboxQuery,
} from '../../application/ports/outbox-desk';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';

/** The outbox as operators see it. */
export function createOutboxDesk(prisma: PrismaClient): OutboxDesk {
  return {
    list: (query) => available('list the outbox', () => list(prisma, query)),
    findDead: (rows) =>
      available('find dead messages', () => idsOf(prisma.$queryRaw<Id[]>(chosen(rows)))),
    reviveDead: (rows) => available('revive dead messages', () => reviveDead(prisma, rows)),
  };
}

interface Id {
  readonly id: string;
}

async function idsOf(rows: Promise<readonly Id[]>): Promise<readonly string[]> {
  return (await rows).map(({ id }) => id);
}

interface Row extends Id {
  readonly type: string;
  readonly aggregate_id: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly payload: Record<string, unknown>;
  readonly created_at: Date;
  readonly next_attempt_at: Date | null;
  readonly dead_at: Date | null;
}

// Each is the condition of a partial index, so that published rows, nearly all there are, are not
// read. There is one shard.
const states = {
  waiting: Prisma.sql`o.shard = 0 AND o.published_at IS NULL AND o.dead_at IS NULL`,
  dead: Prisma.sql`o.published_at IS NULL AND o.attempts > 0 AND o.dead_at IS NOT NULL`,
};

const rowsWithOwner = Prisma.sql`outbox_events o LEFT JOIN payments p ON p.id = o.aggregate_id`;

function ownedBy(merchantId: string): Prisma.Sql {
  return Prisma.sql`(p.id IS NULL OR p.merchant_id = ${merchantId}::text)`;
}

async function list(prisma: PrismaClient, query: OutboxQuery): Promise<OutboxPage> {
  const wanted = query.state === null ? [states.waiting, states.dead] : [states[query.state]];
  const parts = wanted.map((state) => Prisma.sql`(${page(query, state)})`);
  const rows = await prisma.$queryRaw<Row[]>`
    SELECT * FROM (${Prisma.join(parts, ' UNION ALL ')}) AS entries
    ORDER BY seq LIMIT ${query.limit + 1}::integer`;
  return {
    entries: rows.slice(0, query.limit).map(fromDbRow),
    hasMore: rows.length > query.limit,
  };
}

function page(query: OutboxQuery, state: Prisma.Sql): Prisma.Sql {
  const { startingAfter, type, paymentId } = query;
  const conditions = [
    state,
    ownedBy(query.merchantId),
    ...(startingAfter === null
      ? []
      : [Prisma.sql`o.seq > (SELECT seq FROM outbox_events WHERE id = ${startingAfter}::uuid)`]),
    ...(type === null ? [] : [Prisma.sql`o.type = ${type}::text`]),
    ...(paymentId === null ? [] : [Prisma.sql`o.aggregate_id = ${paymentId}::text`]),
  ];
  return Prisma.sql`
    SELECT o.id, o.seq, o.type, o.aggregate_id, o.attempts, o.last_error, o.payload, o.created_at,
      o.next_attempt_at, o.dead_at
    FROM ${rowsWithOwner} WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY o.seq LIMIT ${query.limit + 1}::integer`;
}

function fromDbRow(row: Row): OutboxEntry {
  return {
    id: row.id,
    state: row.dead_at === null ? 'waiting' : 'dead',
    type: row.type,
    subject: row.aggregate_id,
    attempts: row.attempts,
    lastError: row.last_error,
    payload: row.payload,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at,
    deadAt: row.dead_at,
  };
}

function chosen({ merchantId, ids, type, errorContains, limit }: DeadRows): Prisma.Sql {
  const conditions = [
    states.dead,
    ownedBy(merchantId),
    ...(ids === null ? [] : [Prisma.sql`o.id = ANY(${[...ids]}::uuid[])`]),
    ...(type === null ? [] : [Prisma.sql`o.type = ${type}::text`]),
    ...(errorContains === null
      ? []
      : [Prisma.sql`strpos(lower(o.last_error), lower(${errorContains}::text)) > 0`]),
  ];
  return Prisma.sql`
    SELECT o.id, o.seq FROM ${rowsWithOwner} WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY o.seq LIMIT ${limit}::integer`;
}

/** The trigger on `attempts` makes a row due; what another operator revived meanwhile is left out. */
function reviveDead(prisma: PrismaClient, rows: DeadRows): Promise<readonly string[]> {
  return idsOf(prisma.$queryRaw<Id[]>`
    WITH chosen AS (${chosen(rows)}),
    revived AS (
      UPDATE outbox_events o SET attempts = 0 FROM chosen
      WHERE o.id = chosen.id AND o.published_at IS NULL AND o.dead_at IS NOT NULL
      RETURNING o.id, o.seq
    )
    SELECT id FROM revived ORDER BY seq`);
}
