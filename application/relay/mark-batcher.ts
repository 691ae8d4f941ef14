import type { OutboxRow } from '../ports/outbox-store';

export interface MarkBatcherOptions {
  readonly markEveryMs: number;
  readonly markBatch: number;
  /** Resolves once the mark has committed, or is given up because the lease is gone. */
  readonly commit: (rows: readonly OutboxRow[]) => Promise<void>;
}

/**
 * Gathers confirmed rows into one UPDATE. Batches go out one after another, in the order of their
 * confirms, so a row is never marked before its payment's earlier one.
 */
export class MarkBatcher {
  private waiting: OutboxRow[] = [];
  private timer: NodeJS.Timeout | undefined;
  private committing: Promise<void> | undefined;
  private committingCount = 0;

  constructor(private readonly options: MarkBatcherOptions) {}

  /** Rows confirmed by the broker and not yet marked. */
  get size(): number {
    return this.waiting.length + this.committingCount;
  }

  add(row: OutboxRow): void {
    this.waiting.push(row);
    if (this.waiting.length >= this.options.markBatch) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.options.markEveryMs);
  }

  /** Sends what waits without delay; resolves when nothing is left. */
  async settle(): Promise<void> {
    this.flush();
    while (this.committing) await this.committing;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.committing || this.waiting.length === 0) return;
    this.committing = this.commitAll().finally(() => {
      this.committing = undefined;
    });
  }

  private async commitAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const rows = this.waiting.splice(0, this.options.markBatch);
      this.committingCount = rows.length;
      await this.options.commit(rows);
      this.committingCount = 0;
    }
  }
}
