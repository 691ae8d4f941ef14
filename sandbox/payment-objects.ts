import type Stripe from 'stripe';
import { newId } from './ids';
import type { TestCard } from './test-cards';

/** Stripe's default hold of a card authorization. */
export const HOLD_SECONDS = 7 * 86_400;

export interface NewIntent {
  amount: number;
  currency: string;
  created: number;
  captureMethod: Stripe.PaymentIntent.CaptureMethod;
  confirmationMethod: Stripe.PaymentIntent.ConfirmationMethod;
  paymentMethodTypes: string[] | null;
  allowRedirects: 'always' | 'never';
  customer: string | null;
  description: string | null;
  metadata: Record<string, string>;
  receiptEmail: string | null;
  setupFutureUsage: Stripe.PaymentIntent.SetupFutureUsage | null;
  statementDescriptorSuffix: string | null;
  transferGroup: string | null;
}

/** A PaymentIntent as it is born: nothing attached, nothing held. */
export function newIntent(input: NewIntent): Stripe.PaymentIntent {
  const id = newId('pi');
  const automatic = input.paymentMethodTypes === null;
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: input.amount,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: automatic
      ? { allow_redirects: input.allowRedirects, enabled: true }
      : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: input.captureMethod,
    client_secret: `${id}_secret_${newId('s').slice(2)}`,
    confirmation_method: input.confirmationMethod,
    created: input.created,
    currency: input.currency,
    customer: input.customer,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: input.paymentMethodTypes ?? ['card'],
    payment_record: null,
    processing: null,
    receipt_email: input.receiptEmail,
    review: null,
    setup_future_usage: input.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: input.statementDescriptorSuffix,
    status: 'requires_payment_method',
    transfer_group: input.transferGroup,
  };
}

const AUTHENTICATED: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
};

function cardDetails(
  card: TestCard,
  charge: { amount: number; captureBefore: number | null; authenticated: boolean },
) {
  const details: Stripe.Charge.PaymentMethodDetails.Card = {
    amount_authorized: charge.amount,
    authorization_code: null,
    brand: card.brand,
    ...(charge.captureBefore === null ? {} : { capture_before: charge.captureBefore }),
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: 12,
    exp_year: 2034,
    funding: 'credit',
    installments: null,
    last4: card.last4,
    mandate: null,
    network: card.brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: charge.authenticated ? { ...AUTHENTICATED } : null,
    transaction_link_id: null,
    wallet: null,
  };
  return { type: 'card', card: details };
}

function outcomeOf(card: TestCard): Stripe.Charge.Outcome {
  const declined = card.decline;
  const blocked = declined?.blocked === true;
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: declined === null || blocked ? 'approved_by_network' : 'declined_by_network',
    reason: declined === null ? null : blocked ? 'highest_risk_level' : declined.declineCode,
    risk_level: blocked ? 'highest' : 'normal',
    seller_message: declined === null ? 'Payment complete.' : declined.message,
    type: declined === null ? 'authorized' : blocked ? 'blocked' : 'issuer_declined',
  };
}

export interface NewCharge {
  intent: Stripe.PaymentIntent;
  card: TestCard;
  paymentMethod: string;
  nowSeconds: number;
  captured: boolean;
  authenticated: boolean;
}

/** The charge of one confirm: failed, held, or captured at once. */
export function newCharge(input: NewCharge): Stripe.Charge {
  const { intent, card } = input;
  const paid = card.decline === null;
  const held = paid && !input.captured;
  return {
    id: newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: paid && input.captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: 'SANDBOX',
    captured: paid && input.captured,
    created: input.nowSeconds,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: card.decline?.code ?? null,
    failure_message: card.decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: outcomeOf(card),
    paid,
    payment_intent: intent.id,
    payment_method: input.paymentMethod,
    payment_method_details: cardDetails(card, {
      amount: intent.amount,
      captureBefore: held ? input.nowSeconds + HOLD_SECONDS : null,
      authenticated: input.authenticated,
    }),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: paid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
}
