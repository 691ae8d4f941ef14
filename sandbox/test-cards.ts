/** What a decline looks like: Stripe's `code` and, for issuer declines, the `decline_code`. */
export interface Decline {
  code: string;
  declineCode: string;
  message: string;
  blocked?: boolean;
}

export interface TestCard {
  brand: string;
  last4: string;
  decline: Decline | null;
  /** A 3-D Secure challenge comes before the charge when the customer is present. */
  challenge: boolean;
  refund: 'succeeds' | 'pending_then_succeeds' | 'succeeds_then_fails';
  disputed: boolean;
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
  chargeCustomerFail: issuer('generic_decline'),
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
  challenge: false,
  refund: 'succeeds',
  disputed: false,
};

const cards = new Map<string, TestCard>([
  ['pm_card_visa', plain],
  ['pm_card_visa_debit', { ...plain, last4: '5556' }],
  ['pm_card_mastercard', { ...plain, brand: 'mastercard', last4: '4444' }],
  ['pm_card_amex', { ...plain, brand: 'amex', last4: '8431' }],
  ['pm_card_discover', { ...plain, brand: 'discover', last4: '9424' }],
  ['pm_card_authenticationRequired', { ...plain, challenge: true, last4: '3184' }],
  ['pm_card_threeDSecure2Required', { ...plain, challenge: true, last4: '3220' }],
  ['pm_card_threeDSecureRequired', { ...plain, challenge: true, last4: '3063' }],
  [
    'pm_card_threeDSecureRequiredChargeDeclined',
    { ...plain, challenge: true, last4: '1629', decline: issuer('generic_decline') },
  ],
  [
    'pm_card_radarBlock',
    { ...plain, last4: '0019', decline: { ...issuer('fraudulent'), blocked: true } },
  ],
  ['pm_card_createDispute', { ...plain, last4: '0259', disputed: true }],
  ['pm_card_pendingRefund', { ...plain, last4: '7726', refund: 'pending_then_succeeds' }],
  ['pm_card_refundFail', { ...plain, last4: '5126', refund: 'succeeds_then_fails' }],
  ...Object.entries(declines).flatMap(([name, decline]): [string, TestCard][] => [
    [`pm_card_${name}`, { ...plain, last4: '0002', decline }],
    [`pm_card_visa_${name}`, { ...plain, last4: '0002', decline }],
  ]),
]);

/** The behaviour behind one of Stripe's shared test payment methods, or undefined. */
export function testCard(paymentMethod: string): TestCard | undefined {
  return cards.get(paymentMethod);
}
