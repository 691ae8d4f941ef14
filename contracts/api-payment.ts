import type { PaymentStatus } from '../domain/payment-states';

/** A payment as the API shows it. Amounts are integer minor units of `currency`; times RFC 3339. */
export interface ApiPayment {
  readonly id: string;
  readonly object: 'payment';
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly payment_method: string;
  readonly capture_method: 'automatic' | 'manual';
  readonly reference: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly failure: {
    readonly code: string;
    readonly decline_code: string | null;
    readonly message: string;
  } | null;
  readonly refunds: readonly ApiRefund[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface ApiRefund {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly currency: string;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  readonly reason: 'compensation' | 'requested_by_merchant';
  readonly created_at: string;
}

/** One page, newest first. */
export interface ApiPaymentList {
  readonly object: 'list';
  readonly data: readonly ApiPayment[];
  readonly has_more: boolean;
}

/** What a key may do. */
export const scopes = ['read', 'write', 'refund', 'operate'] as const;

export type Scope = (typeof scopes)[number];
