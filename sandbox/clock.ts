import type { Changes } from './changes';
import { DueQueue } from './due-queue';

/** Real timers wake at most this late for a job that is due by the wall clock. */
const MAX_SLEEP_MS = 60_000;

/**
 * The sandbox's own time, which tests move forward: wall clock plus an offset. Work that
 * Stripe does later (a refund settling, a hold expiring) is due on this clock.
 */
export class Clock {
  #offsetMs = 0;
  readonly #jobs = new DueQueue();
  #timer: NodeJS.Timeout | null = null;
  #wakeMs = Number.POSITIVE_INFINITY;
  readonly #changes: Changes;

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  /** How far the clock was moved ahead of the wall clock. */
  get aheadMs(): number {
    return this.#offsetMs;
  }

  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  after(delayMs: number, run: () => void): void {
    const dueMs = this.nowMs() + delayMs;
    this.#jobs.add({ dueMs, run });
    if (dueMs < this.#wakeMs) this.#arm();
  }

  /** Moves time forward and does everything that became due, in due order. */
  advance(ms: number): void {
    this.#offsetMs += ms;
    this.#changes.note('clock', '');
    this.#runDue();
  }

  stop(): void {
    this.#jobs.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Does what is due, so that a request finds what came before it. */
  catchUp(): void {
    if (this.#jobs.nextMs <= this.nowMs()) this.#runDue();
  }

  #runDue(): void {
    const nowMs = this.nowMs();
    for (let job = this.#jobs.take(nowMs); job !== undefined; job = this.#jobs.take(nowMs)) {
      job.run();
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#wakeMs = this.#jobs.nextMs;
    if (!Number.isFinite(this.#wakeMs)) return;
    const sleepMs = Math.min(Math.max(this.#wakeMs - this.nowMs(), 1), MAX_SLEEP_MS);
    this.#timer = setTimeout(() => this.#runDue(), sleepMs).unref();
  }
}
