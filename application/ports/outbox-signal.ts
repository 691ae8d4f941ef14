/** Tells the relay that rows were committed. Losing a signal costs latency, never a message. */
export interface OutboxSignal {
  /** Returns at once; signals are coalesced and failures only logged. */
  notify(): void;
}
