import type { Log } from '../ports/log';
import type { RelayMetrics } from '../ports/metrics';
import type { LeaseStore, OutboxStore, OutboxWakeUp } from '../ports/outbox-store';
import type { RelayBroker } from '../ports/relay-broker';
import type {
  RelayAttachment,
  RelayControl,
  RelayState,
  RelayStatus,
} from '../ports/relay-control';
import { Drain } from './drain';
import type { DrainCounts } from './drain';
import { takeLease } from './held-lease';
import type { HeldLease } from './held-lease';
import type { RelaySettings } from './settings';
import { delay, WakeUp } from './wake-up';

export interface RelayOptions {
  readonly store: OutboxStore;
  readonly leases: LeaseStore;
  readonly broker: RelayBroker;
  readonly wakeUp: OutboxWakeUp;
  /** Unique to the process. */
  readonly owner: string;
  readonly settings: RelaySettings;
  readonly log: Log;
  readonly metrics: RelayMetrics;
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

const leaseRetryMs = 500;
const observeEveryMs = 5_000;

/**
 * The relay of one process. It belongs to the process, not to the activity that started it: when
 * Temporal is out of reach the activity only detaches, and publishing goes on. Without anybody
 * attached a lost lease is not sought again.
 */
export class Relay implements RelayControl {
  private readonly bell = new WakeUp();
  private readonly counts: DrainCounts = { published: 0, refused: 0, dead: 0 };
  private attachments = 0;
  private closed = false;
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private held: HeldLease | undefined;
  private drain: Drain | undefined;
  private oldestUnpublishedMs: number | null = null;

  constructor(private readonly options: RelayOptions) {
    options.wakeUp.listen(this.bell.ring);
  }

  /** Starts relaying, or joins what runs. */
  attach(): RelayAttachment {
    this.attachments += 1;
    if (!this.closed) this.running ??= this.run();
    let attached = true;
    const leave = () => {
      if (attached) this.attachments -= 1;
      attached = false;
    };
    return {
      detach: () => {
        const wasLast = attached && this.attachments === 1;
        leave();
        if (wasLast) this.options.log.warn({}, 'nobody supervises; the lease decides from here on');
      },
      stop: async () => {
        leave();
        await this.stopIfDetached();
      },
    };
  }

  isAttached(): boolean {
    return this.attachments > 0;
  }

  isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Resolves when confirms on their way were marked and the lease was given back. */
  async stopIfDetached(): Promise<void> {
    if (this.attachments > 0) return;
    this.stopping.abort();
    await this.running;
  }

  /** Stops for good, whoever is attached. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopping.abort();
    await this.running;
  }

  /** Makes dead rows due again; returns how many. */
  async redrive(ids?: readonly string[]): Promise<number> {
    const { store, settings, log } = this.options;
    const revived = await store.reviveDead({ shard: settings.shard, ...(ids ? { ids } : {}) });
    log.info({ revived }, 'dead outbox events made due again');
    this.bell.ring();
    return revived;
  }

  status(): RelayStatus {
    return {
      ...this.counts,
      state: this.state(),
      epoch: this.held?.lease.epoch ?? null,
      oldestUnpublishedMs: this.oldestUnpublishedMs,
      windowUse: this.drain?.windowUse ?? 0,
      window: this.options.settings.window,
    };
  }

  private state(): RelayState {
    if (this.running === undefined) return 'stopped';
    if (this.held === undefined) return 'waiting_for_lease';
    return this.options.broker.isReady() ? 'relaying' : 'waiting_for_broker';
  }

  private async run(): Promise<void> {
    const stopping = (this.stopping = new AbortController());
    while (!stopping.signal.aborted && this.attachments > 0) {
      const held = await this.lease();
      if (held === null) await delay(leaseRetryMs, stopping.signal);
      else await this.relayWhileHeld(held, stopping.signal);
    }
    // Somebody may have attached while the stop was under way.
    this.running = this.attachments > 0 && !this.closed ? this.run() : undefined;
  }

  private async lease(): Promise<HeldLease | null> {
    try {
      return await takeLease({ ...this.options, store: this.options.leases });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.options.log.warn({ reason }, 'relay lease not taken; trying again');
      return null;
    }
  }

  private async relayWhileHeld(held: HeldLease, stopping: AbortSignal): Promise<void> {
    const { log, settings } = this.options;
    const { shard } = settings;
    log.info({ shard, epoch: held.lease.epoch }, 'relaying');
    this.held = held;
    this.drain = new Drain({ ...this.options, held, wakeUp: this.bell, counts: this.counts });
    const stop = AbortSignal.any([stopping, held.ended]);
    await Promise.all([this.drain.run(stop), this.observe(stop)]);
    await held.release();
    this.held = undefined;
    this.drain = undefined;
    log.info({ shard, ...this.counts }, 'relaying ended');
  }

  /** Looks at the lag, and logs the counts when they changed. */
  private async observe(stop: AbortSignal): Promise<void> {
    let loggedEnded = 0;
    while (!stop.aborted) {
      await this.lookAtLag();
      const { published, refused, dead } = this.counts;
      const ended = published + refused + dead;
      if (ended !== loggedEnded) {
        loggedEnded = ended;
        this.options.log.info(
          { ...this.counts, oldestUnpublishedMs: this.oldestUnpublishedMs },
          'outbox relayed',
        );
      }
      await delay(observeEveryMs, stop);
    }
  }

  private async lookAtLag(): Promise<void> {
    const { store, settings, log } = this.options;
    try {
      this.oldestUnpublishedMs = await store.oldestUnpublishedMs(settings.shard);
    } catch (error) {
      log.debug({ reason: error instanceof Error ? error.message : '' }, 'outbox lag not read');
    }
  }
}
