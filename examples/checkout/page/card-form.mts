/** What the provider says of the payment now, read by the secret of this one payment. */
export interface Intent {
  readonly status: string;
  /** Why the last card was refused; null when none was. */
  readonly refusal: string | null;
}

/** Where the customer gives a card: Stripe's own fields, or a choice of the sandbox's test cards. */
export interface CardForm {
  readonly read: () => Promise<Intent>;
  readonly mount: (place: HTMLElement) => void;
  /**
   * Confirms with the chosen card. A challenge leaves the page, and leads back to `returnUrl`.
   * @returns why the card was refused; null when the payment goes on
   */
  readonly confirm: (returnUrl: string) => Promise<string | null>;
}

export interface FormOptions {
  readonly publishableKey: string;
  readonly clientSecret: string;
}
