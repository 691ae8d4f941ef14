import { ApiFailure } from './api-failure';
import type { Changes } from './changes';
import type { Clock } from './clock';

/** Stripe keeps a key for at least 24 hours and may forget it afterwards. */
const KEPT_MS = 24 * 3_600_000;

export interface StoredAnswer {
  status: number;
  body: string;
  requestId: string;
}

interface Entry {
  fingerprint: string;
  firstUsedMs: number;
  answer: StoredAnswer | null;
}

/** A finished key, as it is kept between two runs. */
export interface SavedKey {
  fingerprint: string;
  firstUsedMs: number;
  answer: StoredAnswer;
}

/** What a key means for the request that carries it. */
export type KeyUse = { replay: StoredAnswer } | { replay: null };

/** First status and body per key, replayed for the same request and refused for another. */
export class IdempotencyKeys {
  readonly #clock: Clock;
  readonly #changes: Changes;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, changes: Changes) {
    this.#clock = clock;
    this.#changes = changes;
  }

  /** Claims the key, or answers from it. Throws 409 while in flight and 400 on other parameters. */
  begin(key: string, fingerprint: string): KeyUse {
    const entry = this.#live(key);
    if (entry === undefined) {
      this.#entries.set(key, { fingerprint, firstUsedMs: this.#clock.nowMs(), answer: null });
      return { replay: null };
    }
    if (entry.fingerprint !== fingerprint) throw mismatch();
    if (entry.answer === null) throw inFlight();
    return { replay: entry.answer };
  }

  store(key: string, answer: StoredAnswer): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.answer = answer;
    this.#changes.note('key', key);
  }

  /** Forgets a key whose request never began to execute. */
  release(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets the finished keys that match, as if their day had passed; answers how many. */
  expire(pattern: RegExp): number {
    let expired = 0;
    for (const [key, entry] of this.#entries) {
      if (entry.answer === null || !pattern.test(key)) continue;
      this.#forget(key);
      expired += 1;
    }
    return expired;
  }

  names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** A finished key; undefined for one in flight, which no restart remembers. */
  answered(key: string): SavedKey | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.answer === null) return undefined;
    return { ...entry, answer: entry.answer };
  }

  restore(key: string, saved: SavedKey): void {
    this.#entries.set(key, saved);
  }

  #forget(key: string): void {
    this.#entries.delete(key);
    this.#changes.note('key', key);
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.answer === null) return entry;
    if (this.#clock.nowMs() - entry.firstUsedMs < KEPT_MS) return entry;
    this.#forget(key);
    return undefined;
  }
}

function mismatch(): ApiFailure {
  return new ApiFailure({
    status: 400,
    type: 'idempotency_error',
    message:
      'Keys for idempotent requests can only be used for the same endpoint and with the same ' +
      'parameters they were first used with.',
  });
}

function inFlight(): ApiFailure {
  return new ApiFailure({
    status: 409,
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: 'There is currently another in-progress request using this Idempotency Key.',
    shouldRetry: true,
  });
}
