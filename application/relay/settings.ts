/** How one shard is relayed. Times are in milliseconds. */
export interface RelaySettings {
  readonly shard: number;
  /** Messages sent and not yet confirmed, at most. */
  readonly window: number;
  /** Rows read at once, at most. */
  readonly batch: number;
  /** The safety net under the wake-up signals. */
  readonly pollMs: number;
  /** Confirmed ids are marked together after this long, or when `markBatch` of them wait. */
  readonly markEveryMs: number;
  readonly markBatch: number;
  /** Refusals after which a row is dead; a row's headers may ask for fewer. */
  readonly maxAttempts: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** How long a stop waits for confirms and marks on their way. */
  readonly stopGraceMs: number;
  /** Types whose dead rows do not hold their successors back. */
  readonly skipDeadTypes: readonly string[];
}
