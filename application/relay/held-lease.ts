import type { Log } from '../ports/log';
import type { Lease, LeaseStore } from '../ports/outbox-store';
import type { RelaySettings } from './settings';

export interface LeaseOptions {
  readonly store: LeaseStore;
  readonly owner: string;
  readonly settings: Pick<RelaySettings, 'shard' | 'leaseMs' | 'renewEveryMs'>;
  readonly log: Log;
  /** A clock that never jumps, in milliseconds. */
  readonly monotonicMs: () => number;
}

/** Takes the shard's lease and keeps renewing it; null while another owner holds it. */
export async function takeLease(options: LeaseOptions): Promise<HeldLease | null> {
  const askedAtMs = options.monotonicMs();
  const { shard, leaseMs } = options.settings;
  const lease = await options.store.take({ shard, owner: options.owner, leaseMs });
  return lease === null ? null : new HeldLease(options, lease, askedAtMs);
}

/**
 * A lease while it is ours. Our own deadline is counted from before the question was asked, so it
 * passes before the database's: a process that was frozen sees on waking that its time is over,
 * before it has heard of its successor.
 */
export class HeldLease {
  private deadlineMs: number;
  private readonly ending = new AbortController();
  private renewal: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: LeaseOptions,
    readonly lease: Lease,
    askedAtMs: number,
  ) {
    this.deadlineMs = askedAtMs + options.settings.leaseMs;
    this.watchExpiry();
    this.scheduleRenewal(options.settings.renewEveryMs);
  }

  /** Aborts when the lease is lost or released. */
  get ended(): AbortSignal {
    return this.ending.signal;
  }

  /** Asked before each publish. */
  isHeld(): boolean {
    return !this.ending.signal.aborted && this.options.monotonicMs() < this.deadlineMs;
  }

  /** Another owner has it, or it ran out. */
  lose(reason: string): void {
    if (this.ending.signal.aborted) return;
    this.options.log.warn({ shard: this.lease.shard, reason }, 'relay lease lost');
    this.end();
  }

  /** Gives the lease back, so that a successor need not wait for it to expire. */
  async release(): Promise<void> {
    this.end();
    const { owner, store, log } = this.options;
    await store.release({ owner, lease: this.lease }).catch((error: Error) => {
      log.warn({ reason: error.message }, 'relay lease not released; it expires by itself');
    });
  }

  private end(): void {
    clearTimeout(this.renewal);
    clearTimeout(this.expiry);
    this.ending.abort();
  }

  private scheduleRenewal(afterMs: number): void {
    if (this.ending.signal.aborted) return;
    this.renewal = setTimeout(() => void this.renew(), afterMs);
  }

  private async renew(): Promise<void> {
    const { store, owner, settings, log, monotonicMs } = this.options;
    const askedAtMs = monotonicMs();
    const request = { shard: settings.shard, owner, leaseMs: settings.leaseMs, lease: this.lease };
    try {
      if (!(await store.renew(request))) return this.lose('another owner took it');
      this.deadlineMs = askedAtMs + settings.leaseMs;
      this.watchExpiry();
      this.scheduleRenewal(settings.renewEveryMs);
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'lease not renewed');
      this.scheduleRenewal(settings.renewEveryMs / 4);
    }
  }

  private watchExpiry(): void {
    if (this.ending.signal.aborted) return;
    clearTimeout(this.expiry);
    const remainingMs = Math.max(0, this.deadlineMs - this.options.monotonicMs());
    this.expiry = setTimeout(() => this.lose('not renewed in time'), remainingMs);
  }
}
