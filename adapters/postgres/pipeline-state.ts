import type { Log } from '../../application/ports/log';
import type { DatabaseAddress } from '../../application/ports/server-address';
import { OutboxConnection } from './outbox-connection';

/** What waits in the database. Counts stop at `countLimit`: more is no other news. */
export interface PipelineState {
  readonly outboxBacklog: number;
  /** Age of the oldest row that is neither published nor dead; 0 when there is none. */
  readonly oldestUnpublishedSeconds: number;
  readonly outboxDead: number;
  /** Payments whose events wait behind a refused or dead one. */
  readonly blockedPayments: number;
  readonly unsettledPayments: number;
  /** Since the longest untouched payment in `pending` or `processing` changed; 0 without one. */
  readonly oldestUnsettledSeconds: number;
  readonly needsReview: number;
}

export interface PipelineStateReader {
  /** @throws when Postgres gives no answer in time */
  read(): Promise<PipelineState>;
  close(): Promise<void>;
}

export const countLimit = 100_000;
const queryTimeoutMs = 2_000;

/** Reads what an operator watches, in one statement, on a connection of its own. */
export function createPipelineState(
  options: DatabaseAddress & { readonly log: Log },
): PipelineStateReader {
  const connection = new OutboxConnection({
    ...options,
    applicationName: 'paysaga-metrics',
    queryTimeoutMs,
  });
  return {
    async read() {
      const { rows } = await connection.query<Record<keyof PipelineState, number>>(statement, [
        countLimit,
      ]);
      const [row] = rows;
      if (row === undefined) throw new Error('the state was not read');
      return row;
    },
    close: () => connection.close(),
  };
}

// Each count runs over a partial index that holds only such rows, so a scrape costs the backlog and
// not the table.
const statement = `
  SELECT
    (SELECT count(*)::int FROM (
       SELECT 1 FROM outbox_events
        WHERE shard >= 0 AND published_at IS NULL AND dead_at IS NULL LIMIT $1) AS waiting
    ) AS "outboxBacklog",
    coalesce((
       SELECT greatest(0, extract(epoch FROM clock_timestamp() - created_at))::float8
         FROM outbox_events WHERE published_at IS NULL AND dead_at IS NULL
        ORDER BY shard, seq LIMIT 1), 0) AS "oldestUnpublishedSeconds",
    (SELECT count(*)::int FROM (
       SELECT 1 FROM outbox_events
        WHERE published_at IS NULL AND attempts > 0 AND dead_at IS NOT NULL LIMIT $1) AS dead
    ) AS "outboxDead",
    (SELECT count(*)::int FROM (
       SELECT DISTINCT aggregate_id FROM outbox_events
        WHERE published_at IS NULL AND attempts > 0 LIMIT $1) AS blocked
    ) AS "blockedPayments",
    (SELECT count(*)::int FROM (
       SELECT 1 FROM payments WHERE status IN ('pending', 'processing') LIMIT $1) AS open
    ) AS "unsettledPayments",
    coalesce((
       SELECT greatest(0, extract(epoch FROM clock_timestamp() - min(updated_at)))::float8
         FROM payments WHERE status IN ('pending', 'processing')), 0) AS "oldestUnsettledSeconds",
    (SELECT count(*)::int FROM (
       SELECT 1 FROM payments WHERE status = 'needs_review' LIMIT $1) AS parked
    ) AS "needsReview"`;
