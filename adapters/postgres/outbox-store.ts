import type { Log } from '../../application/ports/log';
import type { DatabaseAddress } from '../../application/ports/server-address';
import { LeaseLost } from '../../application/ports/outbox-store';
import type {
  Lease,
  OutboxRow,
  OutboxStore,
  ReadDue,
  RejectedMark,
} from '../../application/ports/outbox-store';
import { OutboxConnection } from './outbox-connection';

export interface OutboxStoreOptions extends DatabaseAddress {
  readonly log: Log;
}

export interface PostgresOutboxStore extends OutboxStore {
  close(): Promise<void>;
}

/** Reads and marks on a connection each: a mark waits for no read of 2,000 rows. */
export function createOutboxStore(options: OutboxStoreOptions): PostgresOutboxStore {
  const reads = new OutboxConnection({ ...options, applicationName: 'paysaga-relay-read' });
  const marks = new OutboxConnection({ ...options, applicationName: 'paysaga-relay-mark' });
  return {
    readDue: (query) => readDue(reads, query),
    oldestUnpublishedMs: (shard) => oldestUnpublishedMs(reads, shard),
    markPublished: (mark) => markPublished(marks, mark),
    markRejected: (mark) => markRejected(marks, mark),
    reviveDead: (query) => reviveDead(marks, query),
    async close() {
      await Promise.all([reads.close(), marks.close()]);
    },
  };
}

interface DueRow {
  id: string;
  aggregate_id: string;
  type: string;
  exchange: string;
  routing_key: string;
  payload: unknown;
  headers: Record<string, unknown>;
  attempts: number;
  age_ms: number;
}

/**
 * Reads by state, never by "seq above the last one": a transaction that commits late has a lower
 * seq than rows already published, and would be skipped for ever.
 */
async function readDue(reads: OutboxConnection, query: ReadDue): Promise<readonly OutboxRow[]> {
  const { rows } = await reads.query<DueRow>(
    `SELECT id, aggregate_id, type, exchange, routing_key, payload, headers, attempts,
            (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS age_ms
       FROM outbox_events AS event
      WHERE shard = $1
        AND published_at IS NULL
        AND dead_at IS NULL
        AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp())
        AND id <> ALL ($3::uuid[])
        AND NOT EXISTS (
          SELECT 1
            FROM outbox_events AS earlier
           WHERE earlier.aggregate_id = event.aggregate_id
             AND earlier.seq < event.seq
             AND earlier.published_at IS NULL
             AND earlier.attempts > 0
             AND NOT (earlier.dead_at IS NOT NULL AND earlier.type = ANY ($4::text[]))
        )
      ORDER BY seq
      LIMIT $2`,
    [query.shard, query.limit, query.exceptIds, query.skipDeadTypes],
  );
  const readAtMs = performance.now();
  return rows.map((row) => fromDbOutboxRow(row, readAtMs));
}

function fromDbOutboxRow(row: DueRow, readAtMs: number): OutboxRow {
  return {
    id: row.id,
    aggregateId: row.aggregate_id,
    type: row.type,
    exchange: row.exchange,
    routingKey: row.routing_key,
    payload: row.payload,
    headers: textHeaders(row.headers),
    attempts: row.attempts,
    writtenAtMs: readAtMs - row.age_ms,
  };
}

/** Writers may store null for a missing traceparent; AMQP headers of ours are text. */
function textHeaders(headers: Record<string, unknown>): Record<string, string> {
  const present = Object.entries(headers).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([key, value]) => [key, String(value)]));
}

/**
 * The lease is read, not locked: a takeover in the middle of this statement only lets through marks
 * of messages that the broker did confirm, while a lock would make renewals wait for marks.
 */
const heldLease = `SELECT 1 FROM relay_leases WHERE shard = $1 AND epoch = $2::bigint`;

async function markPublished(
  marks: OutboxConnection,
  { lease, ids }: { readonly lease: Lease; readonly ids: readonly string[] },
): Promise<void> {
  const result = await marks.query<{ held: boolean }>(
    `WITH lease AS MATERIALIZED (${heldLease}),
          marked AS (
            UPDATE outbox_events
               SET published_at = clock_timestamp()
             WHERE id = ANY ($3::uuid[])
               AND published_at IS NULL
               AND EXISTS (SELECT 1 FROM lease)
          )
     SELECT EXISTS (SELECT 1 FROM lease) AS held`,
    [lease.shard, lease.epoch, ids],
  );
  requireLease(lease, result.rows[0]?.held);
}

/** Enough to see the cause, too little to carry a payload into an operator's screen. */
const lastErrorMaxLength = 500;

async function markRejected(marks: OutboxConnection, mark: RejectedMark): Promise<void> {
  const result = await marks.query<{ held: boolean }>(
    `WITH lease AS MATERIALIZED (${heldLease}),
          marked AS (
            UPDATE outbox_events
               SET attempts = attempts + 1,
                   last_error = $4,
                   next_attempt_at = clock_timestamp() + $5::float8 * interval '1 millisecond',
                   dead_at = CASE WHEN $5::float8 IS NULL THEN clock_timestamp() END
             WHERE id = $3::uuid
               AND attempts = $6
               AND published_at IS NULL
               AND EXISTS (SELECT 1 FROM lease)
          )
     SELECT EXISTS (SELECT 1 FROM lease) AS held`,
    [
      mark.lease.shard,
      mark.lease.epoch,
      mark.id,
      mark.reason.slice(0, lastErrorMaxLength),
      mark.retryAfterMs,
      mark.attempts,
    ],
  );
  requireLease(mark.lease, result.rows[0]?.held);
}

function requireLease(lease: Lease, held: boolean | undefined): void {
  if (held === true) return;
  throw new LeaseLost(`epoch ${lease.epoch} of shard ${lease.shard} is over`);
}

async function oldestUnpublishedMs(reads: OutboxConnection, shard: number): Promise<number | null> {
  const { rows } = await reads.query<{ age_ms: number }>(
    `SELECT (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS age_ms
       FROM outbox_events
      WHERE shard = $1 AND published_at IS NULL AND dead_at IS NULL
      ORDER BY seq
      LIMIT 1`,
    [shard],
  );
  const age = rows[0]?.age_ms;
  return age === undefined ? null : Math.max(0, Math.round(age));
}

async function reviveDead(
  marks: OutboxConnection,
  query: { readonly shard: number; readonly ids?: readonly string[] },
): Promise<number> {
  const { rowCount } = await marks.query(
    `UPDATE outbox_events
        SET attempts = 0
      WHERE shard = $1
        AND published_at IS NULL
        AND dead_at IS NOT NULL
        AND ($2::uuid[] IS NULL OR id = ANY ($2::uuid[]))`,
    [query.shard, query.ids ?? null],
  );
  return rowCount ?? 0;
}
