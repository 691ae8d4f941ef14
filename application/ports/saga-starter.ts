import type { FeatureFlags } from '../../contracts/flags';

export interface SagaStart {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly flags: FeatureFlags;
  /** Of the request that made the payment; absent where the caller works in its trace already. */
  readonly traceparent?: string | null;
}

/** Starting is idempotent by payment id: a running or completed saga is left as it is. */
export type SagaStartOutcome = 'started_or_running' | 'already_completed';

export interface SagaStarter {
  /**
   * @throws SagaUnavailable when Temporal gave no answer within the budget; safe to repeat
   * @throws SagaRefused when this payment can never be started as it is
   */
  start(payment: SagaStart): Promise<SagaStartOutcome>;
}

export class SagaUnavailable extends Error {
  override readonly name = 'SagaUnavailable';
}

/** Temporal, or a rule of ours, refuses this start whenever it is asked; others are not affected. */
export class SagaRefused extends Error {
  override readonly name = 'SagaRefused';
}
