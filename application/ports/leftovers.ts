/** Stored work whose message was lost, or that waits for something that has come since. */
export interface Leftovers {
  /** Names it in logs, in the plural. */
  readonly name: string;
  /**
   * Sees to what was stored before that long and is not in good hands, at most `limit` of it. Safe to
   * repeat.
   * @returns how much of it was seen to
   * @throws SagaUnavailable | StoreUnavailable during an outage
   */
  deliver(query: { readonly ageMs: number; readonly limit: number }): Promise<number>;
}
