/** Sagas as those who hear of something see them. Every method throws SagaUnavailable. */
export interface SagaNews {
  /** The saga looks at the provider. False when none is running. */
  tellPayment(paymentId: string): Promise<boolean>;
  tellRefund(refundId: string): Promise<boolean>;
  /** Starts what reads the provider and applies what it shows; once for each cause. */
  applyFact(fact: FactStart): Promise<void>;
  /** The same, and waits for its end; false when that takes longer. */
  factApplied(fact: FactStart & { readonly limitMs: number }): Promise<boolean>;
}

export interface FactStart {
  readonly paymentId: string;
  /** The provider's id of the event, or another text that names why the look is taken. */
  readonly cause: string;
}
