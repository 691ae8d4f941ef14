import type { SagaStart, SagaStartOutcome } from './saga-starter';

/** A pending refund and its payment; `amountMinor` is the refund's, in minor units. */
export interface RefundStart extends SagaStart {
  readonly refundId: string;
}

/** Starting is idempotent by refund id: a running or completed saga is left as it is. */
export interface RefundStarter {
  /**
   * @throws SagaUnavailable when Temporal gave no answer within the budget; safe to repeat
   * @throws SagaRefused when this refund can never be started as it is
   */
  start(refund: RefundStart): Promise<SagaStartOutcome>;
}

/** Stored refunds that have not ended. Every method throws `StoreUnavailable` or `StoreRefused`. */
export interface PendingRefunds {
  /** Null when it has ended, or never was. */
  find(refundId: string): Promise<RefundStart | null>;
  /**
   * Those that nobody seems to work on, oldest first: not known to the provider after `ageMs`, or
   * not told of for so long that its saga may be lost.
   * @param after the last id of the page before
   */
  page(query: {
    readonly ageMs: number;
    readonly limit: number;
    readonly after: string | null;
  }): Promise<readonly RefundStart[]>;
}
