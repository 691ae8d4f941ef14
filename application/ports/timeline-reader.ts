import type { AuditAction, AuditOutcome } from '../../contracts/audit';
import type { PaymentStatus } from '../../domain/payment-states';
import type { RefundStatus } from '../../domain/refund-states';

/**
 * What is stored, by kind, in the words in which the API shows it. Times are RFC 3339, amounts
 * integer minor units of the payment.
 */
export interface TimelineDetails {
  status: {
    readonly version: number;
    readonly from: PaymentStatus | null;
    readonly to: PaymentStatus;
    readonly event: string;
    readonly event_id: string;
    /** Null until the broker has confirmed it. */
    readonly published_at: string | null;
    readonly failure_code: string | null;
  };
  fact: {
    readonly version: number;
    readonly event: string;
    readonly event_id: string;
    readonly published_at: string | null;
  };
  command: {
    readonly type: string;
    readonly message_id: string;
    readonly attempts: number;
    readonly published_at: string | null;
    readonly dead_at: string | null;
  };
  provider_request: {
    readonly operation: string;
    readonly attempt: number;
    readonly idempotency_key: string;
    /** The provider's own id of the request that answered; null where that was not heard. */
    readonly provider_request_id: string | null;
  };
  undo: { readonly intent: string | null };
  request: {
    readonly id: string;
    readonly kind: 'capture' | 'cancel';
    readonly amount: number | null;
  };
  request_answered: {
    readonly id: string;
    readonly kind: 'capture' | 'cancel';
    readonly state: 'done' | 'refused';
    readonly refusal: string | null;
  };
  refund: {
    readonly id: string;
    readonly amount: number;
    readonly reason: string;
    /** As it is now. */
    readonly status: RefundStatus;
    readonly provider_refund: string | null;
    readonly failure_code: string | null;
  };
  dispute: {
    readonly id: string;
    readonly amount: number;
    readonly reason: string;
    /** The provider's word, as it is now. */
    readonly status: string;
    readonly closed_at: string | null;
  };
  ledger: {
    readonly version: number;
    readonly postings: readonly { readonly account: string; readonly amount: number }[];
  };
  webhook: {
    readonly id: string;
    readonly type: string;
    readonly occurred_at: string;
    readonly processed_at: string | null;
    readonly outcome: string | null;
  };
  operator_action: {
    readonly actor: string;
    readonly action: AuditAction;
    readonly outcome: AuditOutcome;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

export type TimelineEntry = {
  [Kind in keyof TimelineDetails]: {
    readonly at: Date;
    readonly kind: Kind;
    readonly details: TimelineDetails[Kind];
  };
}[keyof TimelineDetails];

export interface TimelineReader {
  /**
   * All that is stored of the payment, oldest first.
   * @throws DependencyUnavailable when the database gives no answer
   */
  read(paymentId: string): Promise<readonly TimelineEntry[]>;
}
