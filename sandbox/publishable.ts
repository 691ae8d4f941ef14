import type Stripe from 'stripe';
import { invalidRequest, type FailureDetails } from './api-failure';

/** The fields of an intent that Stripe.js declares; a publishable key sees no others. */
const SHOWN: readonly (keyof Stripe.PaymentIntent)[] = [
  'id',
  'object',
  'amount',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'status',
];

/** A payment method without what belongs to the merchant: its customer and metadata. */
export function publicMethod(method: Stripe.PaymentMethod): Stripe.PaymentMethod {
  return { ...method, customer: null, customer_account: null, metadata: {} };
}

/** What a browser with a publishable key gets to see of an intent. */
export function publicIntent(intent: Partial<Stripe.PaymentIntent>): Partial<Stripe.PaymentIntent> {
  const error = intent.last_payment_error;
  const tried = error?.payment_method;
  const method = intent.payment_method;
  const shown: Partial<Stripe.PaymentIntent> = { ...intent };
  if (typeof method === 'object' && method !== null) shown.payment_method = publicMethod(method);
  if (error && tried) shown.last_payment_error = { ...error, payment_method: publicMethod(tried) };
  return Object.fromEntries(SHOWN.map((name) => [name, shown[name]]));
}

export function checkPublicExpand(paths: readonly string[]): void {
  const other = paths.find((path) => path !== 'payment_method');
  if (other === undefined) return;
  throw invalidRequest({
    message: `This property cannot be expanded with a publishable key (${other}).`,
    param: 'expand',
  });
}

/** An answer as the holder of a publishable key may read it. */
export function publicAnswer(answer: object): object {
  return isIntent(answer) ? publicIntent(answer) : answer;
}

function isIntent(answer: object): answer is Stripe.PaymentIntent {
  return Reflect.get(answer, 'object') === 'payment_intent';
}

export function publicFailure(details: FailureDetails): FailureDetails {
  const { paymentIntent, paymentMethod, ...rest } = details;
  return {
    ...rest,
    ...(paymentIntent === undefined ? {} : { paymentIntent: publicIntent(paymentIntent) }),
    ...(paymentMethod === undefined ? {} : { paymentMethod: publicMethod(paymentMethod) }),
  };
}
