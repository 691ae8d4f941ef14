import type { PaymentFactType } from '../../domain/payment-facts';
import type { RefundStatus } from '../../domain/refund-states';
import type { RefundSnapshot } from './payment-provider';
import type { SagaPayment } from './saga-store';

export const refundReasons = ['compensation', 'requested_by_merchant', 'made_at_provider'] as const;

export type RefundReason = (typeof refundReasons)[number];

/** A refund with its payment, as both were read. `amountMinor` is minor units of the payment. */
export interface SagaRefund {
  readonly refundId: string;
  readonly status: RefundStatus;
  readonly reason: RefundReason;
  readonly providerReason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
  readonly amountMinor: number;
  /** Null before the provider has told of it. */
  readonly providerRefundId: string | null;
  readonly failureCode: string | null;
  readonly payment: SagaPayment;
}

/** What news of a refund led to. */
export type RefundChange =
  /** Written with all that follows from it. The refund and its payment are as they are now. */
  | {
      readonly kind: 'applied';
      readonly refund: SagaRefund;
      /** Null where only the refund's own row changed. */
      readonly event: PaymentFactType | null;
      /** By how much the payment's figure rose, in minor units; negative when it fell. */
      readonly refundedMinor: number;
      /** Whether the payment had failed or was canceled, and needs an operator from now on. */
      readonly isParked: boolean;
    }
  /** Known already, or it came late. */
  | { readonly kind: 'unchanged'; readonly refund: SagaRefund }
  /** The payment's saga writes its outcome first: tell it again once the payment has ended. */
  | { readonly kind: 'early'; readonly paymentId: string }
  /** It belongs to no payment of ours. */
  | { readonly kind: 'foreign' };

/**
 * The refunds of payments. Each change is one transaction: the refund's row, the payment's figure
 * and version, its books, its event. Every method throws `StoreUnavailable` or `StoreRefused` and
 * nothing else.
 */
export interface RefundStore {
  find(refundId: string): Promise<SagaRefund | null>;
  /**
   * Applies what the provider says about a refund, legally and once; repeating it does nothing. The
   * refund is found by the provider's id, or by ours in its metadata; one that was made by hand gets
   * a row of its own. Events of payments without the outbox are left for `announce`.
   */
  apply(
    snapshot: RefundSnapshot,
    options?: {
      /** Whether the payment's own saga tells, which writes the figures with its outcome. */
      readonly isBySaga: boolean;
    },
  ): Promise<RefundChange>;
  /** Ends a pending refund that the provider never made. */
  end(refund: {
    readonly refundId: string;
    readonly status: 'failed' | 'canceled';
    readonly failureCode: string;
  }): Promise<RefundChange>;
}
