/** What the customer needs to act, as the provider gives it now. It is a secret of the customer's. */
export interface CustomerAction {
  /** Where a challenge is passed; null where the provider's library does it. */
  readonly redirectUrl: string | null;
  readonly clientSecret: string | null;
}

/**
 * Reads what is stored in no row. Null when the provider gives no answer in time, or does not know the
 * intent: a payment is shown without it then. It never throws.
 */
export interface CustomerActions {
  read(intentId: string): Promise<CustomerAction | null>;
}
