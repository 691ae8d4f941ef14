/** The body of POST /v1/payments after validation. `amount` is integer minor units of `currency`. */
export interface PaymentRequest {
  readonly amount: number;
  /** ISO 4217 in capitals. */
  readonly currency: string;
  /** A provider's payment method, `pm_...`; card data never reaches this service. */
  readonly payment_method: string;
  readonly capture_method: 'automatic';
  readonly reference: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}
