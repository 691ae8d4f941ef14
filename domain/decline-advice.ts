/** What a merchant can do about a failure, by the code that the API shows; silent where nothing. */
const adviceByCode: Readonly<Record<string, string>> = {
  authentication_required:
    'The issuer wants the customer to authenticate. Make a new payment with the customer present: ' +
    'without "off_session", and with a "return_url".',
  authentication_abandoned:
    'The customer did not finish the authentication in time. Make a new payment.',
  confirmation_abandoned: 'The customer did not confirm in time. Make a new payment.',
  payment_intent_authentication_failure:
    'The customer failed the authentication. Ask for another payment method.',
  expired_card: 'Ask for another card.',
  incorrect_cvc: 'Ask the customer to check the security code, or for another card.',
  processing_error: 'The issuer could not process it. Make a new payment a little later.',
  hold_expired: 'The hold lapsed before it was captured. Make a new payment.',
  provider_unavailable: 'Nothing was charged. Make a new payment a little later.',
};

const adviceByDecline: Readonly<Record<string, string>> = {
  insufficient_funds: 'Ask for another card, or try again later with a new payment.',
  lost_card: 'Do not try this card again, and do not tell the customer why.',
  stolen_card: 'Do not try this card again, and do not tell the customer why.',
  fraudulent: 'Do not try this card again, and do not tell the customer why.',
  generic_decline: 'The issuer gives no reason. Ask for another card.',
  card_velocity_exceeded: 'The card is over its limit. Ask for another card, or wait a day.',
};

/** One or two sentences for the merchant, or null where nothing is left to do. */
export function adviceOf(failure: {
  readonly code: string;
  readonly declineCode: string | null;
}): string | null {
  return (
    adviceByDecline[failure.declineCode ?? ''] ??
    adviceByCode[failure.code] ??
    (failure.code === 'card_declined' ? (adviceByDecline['generic_decline'] ?? null) : null)
  );
}
