import type { FeatureFlags } from '../../contracts/flags';
import type { PaymentStatus } from '../../domain/payment-states';

/** A payment as it is stored. Amounts are integer minor units of `currency`. */
export interface PaymentRecord {
  readonly id: string;
  readonly merchantId: string;
  readonly status: PaymentStatus;
  readonly version: number;
  readonly amountMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
  readonly paymentMethod: string;
  readonly captureMethod: 'automatic' | 'manual';
  readonly reference: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly flags: FeatureFlags;
  readonly failure: {
    readonly code: string;
    readonly declineCode: string | null;
    readonly message: string;
  } | null;
  readonly traceparent: string | null;
  readonly refunds: readonly RefundRecord[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface RefundRecord {
  readonly id: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  readonly reason: 'compensation' | 'requested_by_merchant';
  readonly createdAt: Date;
}

export interface PaymentListQuery {
  readonly merchantId: string;
  readonly limit: number;
  /** The last id of the page before. */
  readonly startingAfter: string | null;
  readonly status: PaymentStatus | null;
  readonly reference: string | null;
  /** In capitals. */
  readonly currency: string | null;
  /** Inclusive. */
  readonly createdFrom: Date | null;
  /** Exclusive. */
  readonly createdBefore: Date | null;
}

export interface PaymentPage {
  /** Newest first. */
  readonly payments: readonly PaymentRecord[];
  readonly hasMore: boolean;
}

/** Every method throws DependencyUnavailable when the database gives no answer. */
export interface PaymentReader {
  /** Null also for another merchant's payment, so that ids cannot be probed. */
  find(of: {
    readonly merchantId: string;
    readonly paymentId: string;
  }): Promise<PaymentRecord | null>;
  list(query: PaymentListQuery): Promise<PaymentPage>;
  /** The present status of each id that exists, in one query. */
  statuses(paymentIds: readonly string[]): Promise<ReadonlyMap<string, PaymentStatus>>;
}
