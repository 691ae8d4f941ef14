import type { Log } from '../ports/log';
import type { RelayMetrics } from '../ports/metrics';
import type { OutboxRow, OutboxStore } from '../ports/outbox-store';
import type { RelayBroker } from '../ports/relay-broker';
import { retryDelayMs } from './attempts';
import { FencedMarks } from './fenced-marks';
import type { HeldLease } from './held-lease';
import { HeldRows } from './held-rows';
import { RelayJournal } from './journal';
import { Lanes } from './lanes';
import { MarkBatcher } from './mark-batcher';
import { deadLetterCopy, outboundMessage } from './outbound';
import type { RelaySettings } from './settings';
import { aborted, delay, WakeUp } from './wake-up';

export interface DrainCounts {
  published: number;
  refused: number;
  dead: number;
}

export interface DrainOptions {
  readonly store: OutboxStore;
  readonly broker: RelayBroker;
  readonly held: Pick<HeldLease, 'lease' | 'isHeld' | 'lose'>;
  readonly settings: RelaySettings;
  readonly log: Log;
  readonly metrics: RelayMetrics;
  readonly wakeUp: WakeUp;
  /** Added to as rows end. */
  readonly counts: DrainCounts;
  /** At least 0 and below 1. */
  readonly random: () => number;
}

const interruptedFirstMs = 50;
const interruptedMaxMs = 2_000;
const readRetryMs = 200;
/** Timers fire up to 1 ms early; a read then would find nothing due and wait for the next poll. */
const timerSlackMs = 5;

/**
 * Moves the due rows of one shard to the broker for as long as the lease is held.
 *
 * Crash points, each answered by the next owner's read of the database:
 * - after the read: nothing was sent, all rows are still due;
 * - after a send, before its confirm: unknown; sent again with the same messageId;
 * - after the confirm, before the mark commits: sent again with the same messageId. Its successors
 *   may have been confirmed and unmarked too; they are sent again after it, in order;
 * - after the copy to the dead-letter exchange, before the row is marked dead: refused once more,
 *   copied once more;
 * - frozen anywhere: on waking, the deadline forbids further sends and the epoch refuses marks.
 */
export class Drain {
  private readonly lanes = new Lanes();
  private readonly heldRows = new HeldRows();
  private readonly marks: MarkBatcher;
  private readonly fenced: FencedMarks;
  private readonly journal: RelayJournal;
  private readonly refusals = new Set<Promise<void>>();
  /** Sent, without an answer of the broker. */
  private sent = 0;
  private stopped = false;
  private interrupted = false;
  private interruptions = 0;
  /** Counts interruptions; a read that began under an earlier one is thrown away. */
  private generation = 0;
  private readonly progress = new WakeUp();

  constructor(private readonly options: DrainOptions) {
    this.fenced = new FencedMarks(options.held, options.log);
    this.journal = new RelayJournal(options.log, options.metrics);
    this.marks = new MarkBatcher({
      markEveryMs: options.settings.markEveryMs,
      markBatch: options.settings.markBatch,
      commit: (rows) => this.commitPublished(rows),
    });
  }

  /** Messages sent and not yet confirmed. */
  get windowUse(): number {
    return this.sent;
  }

  /**
   * Runs until `stop` aborts. Then waits for confirms and marks on their way, for the grace of the
   * settings at most. Never rejects.
   */
  async run(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => (this.stopped = true), { once: true });
    while (!stop.aborted) {
      await this.options.broker.ready(stop);
      const admitted = stop.aborted ? 0 : await this.readAndSend(stop);
      if (this.interrupted) await this.recover(stop);
      else if (admitted > 0) await this.roomForMore(stop);
      else await this.options.wakeUp.next(this.options.settings.pollMs, stop);
    }
    await this.finish();
  }

  /** Rows taken into memory; 0 also when the database gave no answer. */
  private async readAndSend(stop: AbortSignal): Promise<number> {
    const { store, settings, log } = this.options;
    const generation = this.generation;
    try {
      const rows = await store.readDue({
        shard: settings.shard,
        limit: settings.batch,
        exceptIds: this.heldRows.beginRead(),
        skipDeadTypes: settings.skipDeadTypes,
      });
      // An interruption let go of rows that this read had left out, so it may hold a successor
      // without its predecessor.
      if (generation !== this.generation || stop.aborted) return 0;
      const admitted = rows.filter((row) => this.heldRows.admit(row));
      for (const row of admitted) this.lanes.add(row);
      this.send();
      return admitted.length;
    } catch (error) {
      log.warn({ reason: textOf(error) }, 'outbox not read; trying again');
      await delay(readRetryMs, stop);
      this.options.wakeUp.ring();
      return 0;
    }
  }

  private send(): void {
    while (!this.stopped && !this.interrupted && this.sent < this.options.settings.window) {
      // Asked for each message: the process may have been frozen between two of them.
      if (!this.options.held.isHeld()) return;
      const row = this.lanes.take();
      if (row === undefined) return;
      this.sent += 1;
      void this.sendOne(row);
    }
  }

  private async sendOne(row: OutboxRow): Promise<void> {
    const outcome = await this.options.broker.publish(outboundMessage(row));
    this.sent -= 1;
    if (outcome.kind === 'confirmed') this.confirmed(row);
    else if (outcome.kind === 'rejected') this.refused(row, outcome.reason);
    else this.unavailable(row, outcome.reason);
    this.send();
    this.progress.ring();
  }

  private confirmed(row: OutboxRow): void {
    this.interruptions = 0;
    this.journal.confirmed(row);
    this.lanes.advance(row.aggregateId);
    this.marks.add(row);
  }

  private refused(row: OutboxRow, reason: string): void {
    this.heldRows.block(row.aggregateId);
    this.heldRows.letGo(idsOf(this.lanes.forget(row.aggregateId)));
    const work = this.refuse(row, reason).finally(() => this.refusals.delete(work));
    this.refusals.add(work);
  }

  private async refuse(row: OutboxRow, reason: string): Promise<void> {
    const { broker, settings, counts, held, store, wakeUp } = this.options;
    const retryAfterMs = retryDelayMs(row, settings, this.options.random());
    if (retryAfterMs === null) {
      const copy = await broker.publish(deadLetterCopy(row, reason));
      if (copy.kind === 'unavailable') return this.postponeDeath(row, copy.reason);
    }
    const { id, attempts } = row;
    const mark = { lease: held.lease, id, attempts, reason, retryAfterMs };
    if (!(await this.fenced.commit(() => store.markRejected(mark)))) return;
    this.heldRows.refusedMarkCommitted(row);
    counts.refused += 1;
    this.journal.refused(row, reason, retryAfterMs);
    if (retryAfterMs === null) counts.dead += 1;
    setTimeout(wakeUp.ring, retryAfterMs === null ? 0 : retryAfterMs + timerSlackMs).unref();
  }

  /** The copy could not be sent, so nothing is marked and the last attempt is made again. */
  private postponeDeath(row: OutboxRow, reason: string): void {
    this.interrupt(reason);
    this.heldRows.unblock(row.aggregateId);
    this.heldRows.letGo([row.id]);
  }

  /** Nobody knows whether the broker has it, and it is not the message's fault. */
  private unavailable(row: OutboxRow, reason: string): void {
    this.interrupt(reason);
    this.heldRows.letGo([row.id, ...idsOf(this.lanes.forget(row.aggregateId))]);
  }

  private interrupt(reason: string): void {
    this.generation += 1;
    if (this.interrupted) return;
    this.interrupted = true;
    this.interruptions += 1;
    this.heldRows.letGo(idsOf(this.lanes.forgetUnsent()));
    this.journal.interrupted(reason);
    this.progress.ring();
    this.options.wakeUp.ring();
  }

  private async recover(stop: AbortSignal): Promise<void> {
    await this.until(() => this.sent === 0 && this.refusals.size === 0, stop);
    const ceilingMs = interruptedFirstMs * 2 ** Math.min(this.interruptions - 1, 10);
    const waitMs = Math.min(interruptedMaxMs, ceilingMs);
    await delay(waitMs / 2 + (this.options.random() * waitMs) / 2, stop);
    await this.options.broker.ready(stop);
    this.interrupted = false;
  }

  /** Reads ahead by one window; confirmed rows whose marks lag behind count against it too. */
  private roomForMore(stop: AbortSignal): Promise<void> {
    const { window, markBatch } = this.options.settings;
    const room = () => this.lanes.size <= window && this.marks.size <= 2 * markBatch;
    return this.until(() => room() || this.interrupted, stop);
  }

  private async until(condition: () => boolean, stop: AbortSignal): Promise<void> {
    while (!condition() && !stop.aborted) await this.progress.next(1_000, stop);
  }

  private async commitPublished(rows: readonly OutboxRow[]): Promise<void> {
    const { store, held, counts, wakeUp } = this.options;
    const ids = idsOf(rows);
    if (!(await this.fenced.commit(() => store.markPublished({ lease: held.lease, ids })))) return;
    this.heldRows.publishedMarkCommitted(ids);
    counts.published += ids.length;
    this.journal.published(rows);
    // Only now does the database let the successors of a row that had been refused be read.
    if (rows.some((row) => row.attempts > 0)) wakeUp.ring();
    this.progress.ring();
  }

  private async finish(): Promise<void> {
    const grace = new AbortController();
    const timer = setTimeout(() => grace.abort(), this.options.settings.stopGraceMs);
    await this.until(() => this.sent === 0 && this.refusals.size === 0, grace.signal);
    await Promise.race([this.marks.settle(), aborted(grace.signal)]);
    clearTimeout(timer);
  }
}

function idsOf(rows: readonly OutboxRow[]): string[] {
  return rows.map((row) => row.id);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
