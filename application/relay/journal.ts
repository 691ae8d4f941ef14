import { traceIdOf } from '../../contracts/trace-id';
import type { Log } from '../ports/log';
import type { RelayMetrics } from '../ports/metrics';
import type { OutboxRow } from '../ports/outbox-store';

/**
 * A larger batch is a backlog that drains, and is told by its ends only: with each of its rows in the
 * log, at 20,000 rows a second, scrubbing the lines took a fifth of the processor. What was published
 * when is in the table.
 */
const rowsPerLine = 20;

/** What the relay logs and counts of its messages. */
export class RelayJournal {
  constructor(
    private readonly log: Log,
    private readonly metrics: RelayMetrics,
  ) {}

  confirmed(row: OutboxRow): void {
    this.metrics.confirmed({
      type: row.type,
      waitMs: Math.max(0, performance.now() - row.writtenAtMs),
    });
  }

  /** Rows whose mark has committed: they are never sent again. */
  published(rows: readonly OutboxRow[]): void {
    const isBacklog = rows.length > rowsPerLine;
    const messages = isBacklog ? [...rows.slice(0, 1), ...rows.slice(-1)] : rows;
    const fields = { count: rows.length, messages: messages.map(nameOf) };
    this.log.info(fields, 'outbox batch published');
  }

  /** @param retryAfterMs null when the row is dead */
  refused(row: OutboxRow, reason: string, retryAfterMs: number | null): void {
    const fields = { ...nameOf(row), attempt: row.attempts + 1, reason };
    if (retryAfterMs === null) {
      this.metrics.dead(row.type);
      this.log.error(fields, 'outbox event is dead');
    } else {
      this.metrics.refused(row.type);
      this.log.warn({ ...fields, retryAfterMs }, 'broker refused an outbox event');
    }
  }

  interrupted(reason: string): void {
    this.metrics.interrupted();
    this.log.warn({ reason }, 'relay pauses: broker unavailable');
  }
}

function nameOf(row: OutboxRow) {
  const traceId = traceIdOf(row.headers['traceparent']);
  return {
    outboxId: row.id,
    type: row.type,
    paymentId: row.aggregateId,
    ...(traceId === null ? {} : { traceId }),
  };
}
