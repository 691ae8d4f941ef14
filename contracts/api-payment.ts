import type { PaymentStatus } from '../domain/payment-states';
import type { RefundStatus } from '../domain/refund-states';
import type { HoldPolicy } from './payment-request';

/** A payment as the API shows it. Amounts are integer minor units of `currency`; times RFC 3339. */
export interface ApiPayment {
  readonly id: string;
  readonly object: 'payment';
  readonly status: PaymentStatus;
  readonly amount: number;
  /** Held on the card and neither captured nor released. */
  readonly amount_capturable: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly payment_method: string | null;
  readonly capture_method: 'automatic' | 'manual';
  readonly confirm: 'server' | 'client';
  readonly customer: string | null;
  readonly off_session: boolean;
  readonly setup_future_usage: 'on_session' | 'off_session' | null;
  readonly return_url: string | null;
  readonly hold_policy: HoldPolicy;
  /** When the hold lapses; null without a hold. */
  readonly capture_before: string | null;
  readonly reference: string | null;
  readonly once_per_reference: boolean;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** What the customer has to do; null unless the status is `requires_action`. */
  readonly next_action: ApiNextAction | null;
  /** What was asked of the payment and is not answered yet. */
  readonly open_request: ApiPaymentRequest | null;
  readonly failure: {
    readonly code: string;
    readonly decline_code: string | null;
    readonly message: string;
    /** What can be done about it; null where there is nothing to do. */
    readonly advice: string | null;
  } | null;
  readonly refunds: readonly ApiRefund[];
  readonly disputes: readonly ApiDispute[];
  readonly created_at: string;
  readonly updated_at: string;
}

/** How the customer acts: on a page, by the provider's library, or by confirming in the browser. */
export const nextActionTypes = [
  'redirect_to_url',
  'use_stripe_sdk',
  'confirm_with_client_secret',
] as const;

export type NextActionType = (typeof nextActionTypes)[number];

/**
 * The address and the secret are read from the provider, for keys of the scope `write` only, and
 * kept in no row; both are null where they cannot be had.
 */
export interface ApiNextAction {
  readonly type: NextActionType;
  readonly redirect_url: string | null;
  readonly client_secret: string | null;
}

export interface ApiPaymentRequest {
  readonly id: string;
  readonly kind: 'capture' | 'cancel';
  /** Minor units; null for a cancel. */
  readonly amount: number | null;
  readonly created_at: string;
}

export interface ApiRefund {
  readonly id: string;
  readonly object: 'refund';
  readonly payment: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: RefundStatus;
  readonly reason: 'compensation' | 'requested_by_merchant' | 'made_at_provider';
  /** What the merchant gave as the reason. */
  readonly provider_reason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
  readonly failure_code: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface ApiDispute {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  /** The provider's word, such as `needs_response`, `won` or `lost`. */
  readonly status: string;
  readonly reason: string;
  readonly opened_at: string;
  readonly closed_at: string | null;
}

/** One page, newest first. */
export interface ApiPaymentList {
  readonly object: 'list';
  readonly data: readonly ApiPayment[];
  readonly has_more: boolean;
}

/** One page, newest first. */
export interface ApiRefundList {
  readonly object: 'list';
  readonly data: readonly ApiRefund[];
  readonly has_more: boolean;
}

/** What a key may do. */
export const scopes = ['read', 'write', 'refund', 'operate'] as const;

export type Scope = (typeof scopes)[number];
