/** What a decline looks like: Stripe's `code` and, for issuer declines, the `decline_code`. */
export interface Decline {
  code: string;
  declineCode: string;
  message: string;
  blocked?: boolean;
}

export interface DisputeBehaviour {
  reason: string;
  /** The bank asks before it takes any money back. */
  inquiry: boolean;
}

export interface TestCard {
  brand: string;
  last4: string;
  decline: Decline | null;
  /**
   * When a 3-D Secure challenge comes before the charge: never; for each payment; for those
   * without the customer until the card was set up; or only for those with the customer.
   */
  challenge: 'never' | 'always' | 'until_set_up' | 'on_session';
  refund: 'succeeds' | 'pending_then_succeeds' | 'succeeds_then_fails';
  dispute: DisputeBehaviour | null;
  /** Refused by the charge alone: saving it with a customer succeeds. */
  attachable: boolean;
  /** The network answers later: the intent is `processing` meanwhile. */
  slow: boolean;
}

const declines: Record<string, Decline> = {
  chargeDeclined: issuer('generic_decline'),
  chargeDeclinedInsufficientFunds: issuer('insufficient_funds', 'has insufficient funds'),
  chargeDeclinedLostCard: issuer('lost_card'),
  chargeDeclinedStolenCard: issuer('stolen_card'),
  chargeDeclinedVelocityLimitExceeded: issuer('card_velocity_exceeded'),
  chargeDeclinedFraudulent: issuer('fraudulent'),
  chargeDeclinedExpiredCard: coded('expired_card', 'Your card has expired.'),
  chargeDeclinedIncorrectCvc: coded('incorrect_cvc', "Your card's security code is incorrect."),
  chargeDeclinedProcessingError: coded(
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
  ),
  chargeDeclinedHighestRiskLevel: { ...issuer('fraudulent'), blocked: true },
};

function issuer(declineCode: string, why = 'was declined'): Decline {
  return { code: 'card_declined', declineCode, message: `Your card ${why}.` };
}

function coded(code: string, message: string): Decline {
  return { code, declineCode: code, message };
}

export const AUTHENTICATION_REQUIRED: Decline = {
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

const plain: TestCard = {
  brand: 'visa',
  last4: '4242',
  decline: null,
  challenge: 'never',
  refund: 'succeeds',
  dispute: null,
  attachable: true,
  slow: false,
};

function card(last4: string, change: Partial<TestCard> = {}): TestCard {
  return { ...plain, last4, ...change };
}

const fraud = { reason: 'fraudulent', inquiry: false };

/** https://docs.stripe.com/testing, by the names that stand for its card numbers. */
const cards = new Map<string, TestCard>([
  ['pm_card_visa', plain],
  ['pm_card_visa_debit', card('5556')],
  ['pm_card_mastercard', card('4444', { brand: 'mastercard' })],
  ['pm_card_mastercard_debit', card('3222', { brand: 'mastercard' })],
  ['pm_card_mastercard_prepaid', card('5100', { brand: 'mastercard' })],
  ['pm_card_amex', card('8431', { brand: 'amex' })],
  ['pm_card_discover', card('9424', { brand: 'discover' })],
  ['pm_card_diners', card('0004', { brand: 'diners' })],
  ['pm_card_jcb', card('0505', { brand: 'jcb' })],
  ['pm_card_unionpay', card('0005', { brand: 'unionpay' })],
  ['pm_card_authenticationRequired', card('3184', { challenge: 'always' })],
  ['pm_card_authenticationRequiredOnSetup', card('3155', { challenge: 'until_set_up' })],
  ['pm_card_authenticationRequiredSetupForOffSession', card('0446', { challenge: 'on_session' })],
  [
    'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
    card('3178', {
      challenge: 'always',
      decline: declines['chargeDeclinedInsufficientFunds'] ?? null,
    }),
  ],
  ['pm_card_threeDSecure2Required', card('3220', { challenge: 'always' })],
  ['pm_card_threeDSecureRequired', card('3063', { challenge: 'always' })],
  [
    'pm_card_threeDSecureRequiredChargeDeclined',
    card('1629', { challenge: 'always', decline: issuer('generic_decline') }),
  ],
  ['pm_card_threeDSecureOptional', card('3055')],
  ['pm_card_amex_threeDSecureNotSupported', card('0005', { brand: 'amex' })],
  ['pm_card_radarBlock', card('0019', { decline: { ...issuer('fraudulent'), blocked: true } })],
  ['pm_card_chargeCustomerFail', card('0341', { decline: issuer('generic_decline') })],
  ['pm_card_createDispute', card('0259', { dispute: fraud })],
  [
    'pm_card_createDisputeProductNotReceived',
    card('2685', { dispute: { reason: 'product_not_received', inquiry: false } }),
  ],
  [
    'pm_card_createDisputeInquiry',
    card('1976', { dispute: { reason: 'fraudulent', inquiry: true } }),
  ],
  // These two are the sandbox's own: at Stripe no test card leaves a payment `processing`.
  ['pm_card_sandboxProcessing', card('4242', { slow: true })],
  [
    'pm_card_sandboxProcessingDeclined',
    card('4242', { slow: true, decline: issuer('generic_decline') }),
  ],
  ['pm_card_pendingRefund', card('7726', { refund: 'pending_then_succeeds' })],
  ['pm_card_refundFail', card('5126', { refund: 'succeeds_then_fails' })],
  ...Object.entries(declines).flatMap(([name, decline]): [string, TestCard][] => [
    [`pm_card_${name}`, card('0002', { decline, attachable: false })],
    [`pm_card_visa_${name}`, card('0002', { decline, attachable: false })],
  ]),
]);

/** The behaviour behind one of Stripe's shared test payment methods, or undefined. */
export function testCard(paymentMethod: string): TestCard | undefined {
  return cards.get(paymentMethod);
}
