export type RelayState = 'stopped' | 'waiting_for_lease' | 'waiting_for_broker' | 'relaying';

/** How the relay of this process stands; small and without payloads, as it goes into heartbeats. */
export interface RelayStatus {
  readonly state: RelayState;
  /** The lease's epoch, null while this process holds none. */
  readonly epoch: string | null;
  /** Since the process started. */
  readonly published: number;
  readonly refused: number;
  readonly dead: number;
  /** Age of the oldest unpublished row when it was last looked at; null when there is none. */
  readonly oldestUnpublishedMs: number | null;
  /** Messages sent and not yet confirmed, and how many there may be. */
  readonly windowUse: number;
  readonly window: number;
}

/** A claim that this process should relay. */
export interface RelayAttachment {
  /** Stops the drain, unless somebody else is attached, and gives the lease back. */
  stop(): Promise<void>;
  /** Lets go without stopping: the drain goes on for as long as its lease is kept. */
  detach(): void;
}

/** The relay of this process, as the activity that supervises it sees it. */
export interface RelayControl {
  /** Starts relaying, or joins what runs. */
  attach(): RelayAttachment;
  status(): RelayStatus;
  /** Makes dead rows due again: the given outbox ids, or all of the shard. Returns how many. */
  redrive(ids?: readonly string[]): Promise<number>;
}
