/** What the relay reads of an outbox row; times are the database's business. */
export interface OutboxRow {
  readonly id: string;
  /** The payment id: rows with the same one are published in the order of `seq`. */
  readonly aggregateId: string;
  readonly type: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** A CloudEvents envelope. */
  readonly payload: unknown;
  /** Sent to the broker, but for the keys of `relayHeaders`, which tell the relay what to do. */
  readonly headers: Readonly<Record<string, string>>;
  /** Attempts so far; the row is dead from the fifth on, or earlier by its headers. */
  readonly attempts: number;
  /** When it was written, on the scale of `performance.now()`: no clock of two machines is compared. */
  readonly writtenAtMs: number;
}

/**
 * Keys of `outbox_events.headers` that the relay reads and never sends.
 * `maxAttempts`: how often the broker may refuse this row before it is dead, in decimal; "1" is
 * what writers set for payments whose retryLogic flag is off.
 */
export const relayHeaders = { maxAttempts: 'paysaga-max-attempts' } as const;

/** Proof of holding a shard. Marks made under another epoch than the current one are refused. */
export interface Lease {
  readonly shard: number;
  readonly epoch: string;
}

export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export interface ReadDue {
  readonly shard: number;
  readonly limit: number;
  /** Rows the caller already holds. */
  readonly exceptIds: readonly string[];
  /** Types whose dead rows do not hold their successors back. */
  readonly skipDeadTypes: readonly string[];
}

export interface RejectedMark {
  readonly lease: Lease;
  readonly id: string;
  /** As read: a mark repeated because its answer was lost must not count a second attempt. */
  readonly attempts: number;
  readonly reason: string;
  /** Counted from now on the database's clock; null makes the row dead. */
  readonly retryAfterMs: number | null;
}

/** Every method rejects when the database gives no answer within its timeout. */
export interface OutboxStore {
  /**
   * The due rows in the order of `seq`, leaving out payments blocked by an earlier unpublished row
   * that was refused before. Asked of the database each time, so a restart forgets nothing.
   */
  readDue(query: ReadDue): Promise<readonly OutboxRow[]>;
  /** @throws LeaseLost when another owner holds the shard; no row is touched then */
  markPublished(mark: { readonly lease: Lease; readonly ids: readonly string[] }): Promise<void>;
  /** Counts one attempt, unless the row has another number of them. @throws LeaseLost as above */
  markRejected(mark: RejectedMark): Promise<void>;
  /** Milliseconds since the oldest unpublished, not dead row was written; null when there is none. */
  oldestUnpublishedMs(shard: number): Promise<number | null>;
  /** Makes dead rows due again: the given ones, or all of the shard. Returns how many. */
  reviveDead(query: { readonly shard: number; readonly ids?: readonly string[] }): Promise<number>;
}

/** The only lock of a shard. Expiry is judged by the database's clock. */
export interface LeaseStore {
  /** The new lease, or null while another owner's has not expired. */
  take(request: LeaseRequest): Promise<Lease | null>;
  /** False when the lease is no longer ours. */
  renew(request: LeaseRequest & { readonly lease: Lease }): Promise<boolean>;
  /** Lets another owner take it at once; does nothing when it is no longer ours. */
  release(request: { readonly owner: string; readonly lease: Lease }): Promise<void>;
}

export interface LeaseRequest {
  readonly shard: number;
  /** Unique to the process. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** Hears that rows were committed. */
export interface OutboxWakeUp {
  /** Calls back on each signal heard, and after each reconnect, when one may have been missed. */
  listen(onSignal: () => void): void;
}
