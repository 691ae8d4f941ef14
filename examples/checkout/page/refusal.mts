/** The provider's error as far as it is read. */
export interface ProviderError {
  readonly code?: string;
  readonly message?: string;
}

/** Stripe words these for developers. */
const WORDS: Readonly<Record<string, string>> = {
  payment_intent_authentication_failure:
    'Your bank could not confirm that it was you. Try again, or choose another card.',
};

/** Why a card was refused, in words for the customer. */
export function refusalText({ code = '', message }: ProviderError): string {
  return WORDS[code] ?? message ?? 'The card was refused.';
}
