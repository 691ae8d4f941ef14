import type { PaymentFactType } from '../../domain/payment-facts';
import type { DisputeSnapshot } from './payment-provider';
import type { SagaPayment } from './saga-store';

export interface DisputeChange {
  /** Null when nothing was told: known, late, or a change between opening and closing. */
  readonly event: PaymentFactType | null;
  /** False when the payment has moved on since it was read: read it and tell again. */
  readonly isWritten: boolean;
}

export interface DisputeStore {
  /**
   * Writes what the provider says about a dispute with the event it leads to, in one transaction.
   * Repeating it changes nothing.
   * @param told the payment as it was read: its version is compared
   * @throws StoreUnavailable | StoreRefused
   */
  tell(told: {
    readonly payment: SagaPayment;
    readonly dispute: DisputeSnapshot;
  }): Promise<DisputeChange>;
}
