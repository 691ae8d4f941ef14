/** What the supervisor of a relay shard is started with, and carries on when it continues as new. */
export interface OutboxRelayInput {
  readonly shard: number;
  /** How long one run of the relaying activity lasts. */
  readonly runMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly paused?: boolean;
  readonly totals?: RelayTotals;
  readonly oldestUnpublishedMs?: number | null;
  /** Redrives that had not been answered when the run before this one ended. */
  readonly redrives?: readonly RedriveRequest[];
}

export interface RelayTotals {
  readonly published: number;
  readonly refused: number;
  readonly dead: number;
  readonly redriven: number;
}

/**
 * The answer of the `getRelay` query. Totals and lag are those of the runs that have ended; the
 * figures of the current run are in the heartbeat details of the pending activity.
 */
export interface RelayView extends RelayTotals {
  readonly shard: number;
  readonly state: 'relaying' | 'paused';
  readonly oldestUnpublishedMs: number | null;
  readonly window: number | null;
}

/**
 * The argument of the `redrive` signal; without ids every dead row of the shard is revived. Ids are
 * UUIDs; anything else in its place is refused whole, because it may be a mistyped list of ids.
 */
export interface RedriveRequest {
  readonly ids?: readonly string[];
}

export interface RelayRunInput {
  readonly runMs: number;
}

/** What one run of the relaying activity did. */
export interface RelayRunResult {
  readonly published: number;
  readonly refused: number;
  readonly dead: number;
  readonly oldestUnpublishedMs: number | null;
  readonly window: number;
}
