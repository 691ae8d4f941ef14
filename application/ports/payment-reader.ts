import type { NextActionType } from '../../contracts/api-payment';
import type { FeatureFlags } from '../../contracts/flags';
import type { HoldPolicy } from '../../contracts/payment-request';
import type { PaymentStatus } from '../../domain/payment-states';
import type { RefundStatus } from '../../domain/refund-states';

/** A payment as it is stored. Amounts are integer minor units of `currency`. */
export interface PaymentRecord {
  readonly id: string;
  readonly merchantId: string;
  readonly status: PaymentStatus;
  readonly version: number;
  readonly amountMinor: number;
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
  readonly paymentMethod: string | null;
  readonly captureMethod: 'automatic' | 'manual';
  readonly confirmation: 'server' | 'client';
  readonly customer: string | null;
  readonly offSession: boolean;
  readonly setupFutureUsage: 'on_session' | 'off_session' | null;
  readonly returnUrl: string | null;
  readonly holdPolicy: HoldPolicy;
  readonly captureBefore: Date | null;
  readonly reference: string | null;
  readonly oncePerReference: boolean;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly flags: FeatureFlags;
  readonly failure: {
    readonly code: string;
    readonly declineCode: string | null;
    readonly message: string;
  } | null;
  readonly traceparent: string | null;
  /** The provider's intent; null before there is one. */
  readonly intentId: string | null;
  readonly actionType: NextActionType | null;
  readonly openRequest: PaymentRequestRecord | null;
  readonly refunds: readonly RefundRecord[];
  readonly disputes: readonly DisputeRecord[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A capture or cancel that was asked for and is not answered. */
export interface PaymentRequestRecord {
  readonly id: string;
  readonly kind: 'capture' | 'cancel';
  /** Null for a cancel. */
  readonly amountMinor: number | null;
  readonly createdAt: Date;
}

export interface RefundRecord {
  readonly id: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: RefundStatus;
  readonly reason: 'compensation' | 'requested_by_merchant' | 'made_at_provider';
  readonly providerReason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
  readonly failureCode: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface DisputeRecord {
  readonly id: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: string;
  readonly reason: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
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
  /** Null also for a refund of another merchant's payment. */
  findRefund(of: {
    readonly merchantId: string;
    readonly refundId: string;
  }): Promise<RefundRecord | null>;
  /** Whoever's it is. */
  findById(paymentId: string): Promise<PaymentRecord | null>;
  list(query: PaymentListQuery): Promise<PaymentPage>;
  /**
   * Those of the ids that a caller who waits can be told about, in one query: payments that are
   * decided, captures and cancels that are closed, refunds that are no longer pending.
   */
  answered(subjectIds: readonly string[]): Promise<ReadonlySet<string>>;
}
