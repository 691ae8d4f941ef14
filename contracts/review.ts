import type { PaymentStatus } from '../domain/payment-states';
import type { PaymentFailure } from './saga';

/** Asks whether a payment is parked. */
export interface ReadReviewInput {
  readonly paymentId: string;
}

/** A payment that an operator asks something of. */
export interface ReviewReport {
  readonly status: PaymentStatus;
  /** Why it is parked. */
  readonly failure: PaymentFailure | null;
  /** The status that it had before it was parked. */
  readonly parkedFrom: PaymentStatus | null;
}
