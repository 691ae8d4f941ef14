import type { PaymentFailure } from '../../contracts/saga';
import type { PaymentStatus } from '../../domain/payment-states';

/** A payment as whoever serves its operator needs it. */
export interface ParkedPayment {
  readonly status: PaymentStatus;
  /** Why it is parked. */
  readonly failure: PaymentFailure | null;
  /** The status that it had before. */
  readonly parkedFrom: PaymentStatus | null;
}

export interface ParkedPayments {
  /**
   * Null when there is no such payment.
   * @throws StoreUnavailable | StoreRefused and nothing else
   */
  find(paymentId: string): Promise<ParkedPayment | null>;
}
