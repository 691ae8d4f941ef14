import type { Log } from '../ports/log';
import type { RelayMetrics } from '../ports/metrics';
import type { OutboundMessage, PublishOutcome } from '../ports/message-publisher';
import { LeaseLost } from '../ports/outbox-store';
import type { OutboxRow, OutboxStore, ReadDue, RejectedMark } from '../ports/outbox-store';
import type { RelayBroker } from '../ports/relay-broker';
import { Drain } from './drain';
import type { DrainCounts } from './drain';
import type { RelaySettings } from './settings';
import { WakeUp } from './wake-up';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export const silentMetrics: RelayMetrics = {
  confirmed: () => undefined,
  refused: () => undefined,
  dead: () => undefined,
  returned: () => undefined,
  interrupted: () => undefined,
};

export const fastSettings: RelaySettings = {
  shard: 0,
  window: 10,
  batch: 100,
  pollMs: 5_000,
  markEveryMs: 1,
  markBatch: 1_000,
  maxAttempts: 5,
  retryInitialMs: 2,
  retryMaxMs: 8,
  leaseMs: 6_000,
  renewEveryMs: 2_000,
  stopGraceMs: 1_000,
  skipDeadTypes: [],
};

export interface FakeRow extends OutboxRow {
  attempts: number;
  publishedAt: boolean;
  dead: boolean;
  dueAtMs: number;
  lastError: string | null;
}

/** The outbox table as the relay's statements see it. */
export class FakeOutbox implements OutboxStore {
  readonly rows: FakeRow[] = [];
  currentEpoch = '1';
  reads = 0;
  /** Awaited by a read after it has looked, as a slow answer is. */
  holdRead: Promise<void> | undefined;
  holdMark: Promise<void> | undefined;

  add(aggregateId: string, id: string, headers: Record<string, string> = {}): void {
    this.rows.push({
      id,
      aggregateId,
      type: 'payment.created.v1',
      exchange: 'payment.events',
      routingKey: 'payment.created.v1',
      payload: {},
      headers,
      attempts: 0,
      writtenAtMs: performance.now(),
      publishedAt: false,
      dead: false,
      dueAtMs: 0,
      lastError: null,
    });
  }

  row(id: string): FakeRow {
    const row = this.rows.find((candidate) => candidate.id === id);
    if (!row) throw new Error(`no row ${id}`);
    return row;
  }

  async readDue(query: ReadDue): Promise<readonly OutboxRow[]> {
    this.reads += 1;
    const snapshot = this.rows
      .filter((row, index) => this.isDue(row, index, query))
      .slice(0, query.limit)
      .map((row) => ({ ...row }));
    await this.holdRead;
    return snapshot;
  }

  private isDue(row: FakeRow, index: number, query: ReadDue): boolean {
    if (row.publishedAt || row.dead || row.dueAtMs > performance.now()) return false;
    if (query.exceptIds.includes(row.id)) return false;
    return !this.rows
      .slice(0, index)
      .some(
        (earlier) =>
          earlier.aggregateId === row.aggregateId &&
          !earlier.publishedAt &&
          earlier.attempts > 0 &&
          !(earlier.dead && query.skipDeadTypes.includes(earlier.type)),
      );
  }

  async markPublished(mark: { lease: { epoch: string }; ids: readonly string[] }): Promise<void> {
    await this.holdMark;
    this.requireEpoch(mark.lease.epoch);
    for (const id of mark.ids) this.row(id).publishedAt = true;
  }

  async markRejected(mark: RejectedMark): Promise<void> {
    await this.holdMark;
    this.requireEpoch(mark.lease.epoch);
    const row = this.row(mark.id);
    if (row.attempts !== mark.attempts) return;
    row.attempts += 1;
    row.lastError = mark.reason;
    row.dead = mark.retryAfterMs === null;
    row.dueAtMs = performance.now() + (mark.retryAfterMs ?? 0);
  }

  private requireEpoch(epoch: string): void {
    if (epoch !== this.currentEpoch) throw new LeaseLost('another epoch');
  }

  async oldestUnpublishedMs(): Promise<number | null> {
    return null;
  }

  async reviveDead(): Promise<number> {
    return 0;
  }
}

/** A broker that answers as told, and records what it was sent. */
export class FakeBroker implements RelayBroker {
  readonly sent: OutboundMessage[] = [];
  open = 0;
  mostOpen = 0;
  up = true;
  answer: (message: OutboundMessage) => PublishOutcome | Promise<PublishOutcome> = () => ({
    kind: 'confirmed',
  });

  async publish(message: OutboundMessage): Promise<PublishOutcome> {
    if (!this.up) return { kind: 'unavailable', reason: 'down' };
    this.sent.push(message);
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    await new Promise((resolve) => setImmediate(resolve));
    const outcome = await this.answer(message);
    this.open -= 1;
    return outcome;
  }

  isReady(): boolean {
    return this.up;
  }

  async ready(signal: AbortSignal): Promise<void> {
    while (!this.up && !signal.aborted) await new Promise((resolve) => setImmediate(resolve));
  }

  sentIds(): string[] {
    return this.sent.map((message) => message.id);
  }
}

/** A drain over the fakes, running until `stop`. */
export function startDrain(
  fakes: { readonly outbox: FakeOutbox; readonly broker: FakeBroker },
  settings: Partial<RelaySettings> = {},
  told: { readonly log?: Log; readonly metrics?: RelayMetrics } = {},
) {
  const stopping = new AbortController();
  const lease = { held: true };
  const wakeUp = new WakeUp();
  const counts: DrainCounts = { published: 0, refused: 0, dead: 0 };
  const drain = new Drain({
    store: fakes.outbox,
    broker: fakes.broker,
    held: {
      lease: { shard: 0, epoch: '1' },
      isHeld: () => lease.held,
      lose: () => {
        lease.held = false;
        stopping.abort();
      },
    },
    settings: { ...fastSettings, ...settings },
    log: told.log ?? silentLog,
    metrics: told.metrics ?? silentMetrics,
    wakeUp,
    counts,
    random: () => 0.5,
  });
  const finished = drain.run(stopping.signal);
  return {
    counts,
    lease,
    wake: wakeUp.ring,
    async stop() {
      stopping.abort();
      await finished;
    },
    finished,
  };
}
