import type { OutboxRow } from '../ports/outbox-store';

/**
 * The rows held in memory, one lane per payment. Only the head of a lane may be sent; the next one
 * becomes ready when the head was confirmed. So a payment never has two messages on their way, and
 * a refused one can never be overtaken.
 */
export class Lanes {
  /** A lane exists while its head is ready or sent; the array holds those behind it. */
  private readonly behind = new Map<string, OutboxRow[]>();
  private ready: OutboxRow[] = [];
  private nextReady = 0;
  private rowCount = 0;

  /** Rows in memory and not yet confirmed, the sent ones included. */
  get size(): number {
    return this.rowCount;
  }

  /** Appends a row to its payment's lane. Rows of one payment must come in the order of seq. */
  add(row: OutboxRow): void {
    this.rowCount += 1;
    const lane = this.behind.get(row.aggregateId);
    if (lane) {
      lane.push(row);
      return;
    }
    this.behind.set(row.aggregateId, []);
    this.ready.push(row);
  }

  /** The next row to send, or undefined when every payment waits for a confirm. */
  take(): OutboxRow | undefined {
    const row = this.ready[this.nextReady];
    if (row === undefined) return undefined;
    this.nextReady += 1;
    if (this.nextReady === this.ready.length) {
      this.ready = [];
      this.nextReady = 0;
    }
    return row;
  }

  /** The head of the lane was confirmed: its successor becomes ready. */
  advance(aggregateId: string): void {
    this.rowCount -= 1;
    const next = this.behind.get(aggregateId)?.shift();
    if (next === undefined) this.behind.delete(aggregateId);
    else this.ready.push(next);
  }

  /** Forgets the sent head of a lane and all behind it; returns those behind. */
  forget(aggregateId: string): readonly OutboxRow[] {
    const rows = this.behind.get(aggregateId) ?? [];
    this.behind.delete(aggregateId);
    this.rowCount -= 1 + rows.length;
    return rows;
  }

  /** Forgets everything that is not sent; returns it. Lanes with a sent head keep that head. */
  forgetUnsent(): readonly OutboxRow[] {
    const waiting = this.ready.slice(this.nextReady);
    this.ready = [];
    this.nextReady = 0;
    const forgotten = [...waiting];
    for (const row of waiting) {
      forgotten.push(...(this.behind.get(row.aggregateId) ?? []));
      this.behind.delete(row.aggregateId);
    }
    for (const lane of this.behind.values()) forgotten.push(...lane.splice(0));
    this.rowCount -= forgotten.length;
    return forgotten;
  }
}
