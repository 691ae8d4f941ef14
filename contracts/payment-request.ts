/** What happens an hour before a hold lapses that nobody captured. */
export const holdPolicies = ['capture', 'void', 'alert'] as const;

export type HoldPolicy = (typeof holdPolicies)[number];

/** The body of POST /v1/payments after validation. `amount` is integer minor units of `currency`. */
export interface PaymentRequest {
  readonly amount: number;
  /** ISO 4217 in capitals. */
  readonly currency: string;
  /**
   * A provider's payment method, `pm_...`; card data never reaches this service. Null exactly when
   * the customer's browser confirms.
   */
  readonly payment_method: string | null;
  readonly capture_method: 'automatic' | 'manual';
  /** Who confirms at the provider: this service, or the customer's browser. */
  readonly confirm: 'server' | 'client';
  /** The provider's customer, `cus_...`. */
  readonly customer: string | null;
  /** The customer is not there to pass a challenge. */
  readonly off_session: boolean;
  /** Keeps the payment method with the customer for later payments. */
  readonly setup_future_usage: 'on_session' | 'off_session' | null;
  /** Where a challenge sends the customer afterwards. */
  readonly return_url: string | null;
  readonly hold_policy: HoldPolicy;
  readonly reference: string | null;
  /** Allows one live payment for the reference: a second one is refused until the first has failed. */
  readonly once_per_reference: boolean;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The fields that requests did not have from the start, with what they are when left out. A key's
 * body is hashed without fields that say no more than this, so that a request which is repeated
 * across an upgrade is still the same request.
 */
export const laterFields: Partial<PaymentRequest> = {
  confirm: 'server',
  customer: null,
  off_session: false,
  setup_future_usage: null,
  return_url: null,
  hold_policy: 'void',
  once_per_reference: false,
};

/** The merchant's own reason for a refund, which the provider is told. */
export const refundReasons = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

/** The body of POST /v1/payments/{id}/refunds. Amounts are integer minor units of the payment. */
export interface RefundRequest {
  /** Null gives back all that is left. */
  readonly amount: number | null;
  readonly reason: (typeof refundReasons)[number] | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** What the caller takes to be left; the refund is refused when it is another amount. */
  readonly refund_amount_available: number | null;
}

/** The body of POST /v1/payments/{id}/capture; a null amount captures all that is held. */
export interface CaptureRequest {
  readonly amount: number | null;
}

/** The body of POST /v1/payments/{id}/resolve. */
export interface ResolveRequest {
  /** Why it is settled as it is. */
  readonly reason: string;
  /** What was done at the provider, such as a refund's id. */
  readonly provider_ref: string;
}
