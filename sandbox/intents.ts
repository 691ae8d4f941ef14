import type Stripe from 'stripe';
import { invalidRequest, resourceMissing, type ApiFailure } from './api-failure';
import { checkClientSecret } from './api-keys';
import type { Call } from './call';
import { checkChargeAmount, checkCurrency } from './currency-rules';
import {
  checkRedirects,
  CONFIRM_PARAMS,
  performConfirm,
  PUBLISHABLE_CONFIRM_PARAMS,
} from './intent-confirm';
import { unexpectedState } from './intent-states';
import { LIST_PARAMS, type Params } from './params';
import { newIntent } from './payment-objects';
import { checkUsable, resolveCard } from './payment-methods';
import type { World } from './world';

// Typed by the official library, so that a parameter Stripe drops fails to compile here.
const CREATE_PARAMS: readonly (keyof Stripe.PaymentIntentCreateParams)[] = [
  'allowed_payment_method_types',
  'amount',
  'automatic_payment_methods',
  'capture_method',
  'confirm',
  'confirmation_method',
  'currency',
  'customer',
  'description',
  'error_on_requires_action',
  'mandate_data',
  'metadata',
  'off_session',
  'payment_method',
  'payment_method_options',
  'receipt_email',
  'return_url',
  'setup_future_usage',
  'shipping',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_group',
  'use_stripe_sdk',
];
const UPDATE_PARAMS: readonly (keyof Stripe.PaymentIntentUpdateParams)[] = [
  'amount',
  'currency',
  'customer',
  'description',
  'metadata',
  'payment_method',
  'receipt_email',
  'setup_future_usage',
  'transfer_group',
];
/** The version that took `payment_method_types` away in favour of the `allowed_` list. */
const WITHOUT_OLD_TYPES = '2026-09-30';

function createParams(call: Call): Params {
  const old = call.version === null || call.version < WITHOUT_OLD_TYPES;
  return call.params(old ? [...CREATE_PARAMS, 'payment_method_types'] : CREATE_PARAMS);
}

/** These mean something only together with `confirm`; Stripe refuses them alone. */
const NEEDS_CONFIRM = [
  'return_url',
  'off_session',
  'use_stripe_sdk',
  'error_on_requires_action',
  'mandate_data',
];

export function findIntent(world: World, id: string): Stripe.PaymentIntent {
  const intent = world.intents.get(id);
  if (intent === undefined) throw resourceMissing('payment_intent', id);
  return intent;
}

function checkCustomer(world: World, customer: string | null): string | null {
  if (customer === null || world.customers.get(customer) !== undefined) return customer;
  throw invalidRequest({
    code: 'resource_missing',
    message: `No such customer: '${customer}'`,
    param: 'customer',
  });
}

function checkTypes(types: string[]): string[] | null {
  const other = types.find((type) => type !== 'card');
  if (other === undefined) return types.length === 0 ? null : types;
  throw invalidRequest({
    message: `The payment method type "${other}" is invalid: this account takes cards only.`,
    param: 'payment_method_types',
  });
}

function readIntent(call: Call, params: Params): Stripe.PaymentIntent {
  const amount = params.requiredInteger('amount');
  const currency = checkCurrency(params.requiredText('currency'));
  checkChargeAmount(amount, currency);
  const automatic = params.object('automatic_payment_methods');
  return newIntent({
    amount,
    currency,
    created: call.world.clock.nowSeconds(),
    captureMethod:
      params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']) ??
      'automatic_async',
    confirmationMethod: params.oneOf('confirmation_method', ['automatic', 'manual']) ?? 'automatic',
    paymentMethodTypes: checkTypes([
      ...params.list('allowed_payment_method_types'),
      ...params.list('payment_method_types'),
    ]),
    allowRedirects: automatic?.['allow_redirects'] === 'never' ? 'never' : 'always',
    customer: checkCustomer(call.world, params.text('customer')),
    description: params.text('description'),
    metadata: params.metadata(),
    receiptEmail: params.text('receipt_email'),
    setupFutureUsage: params.oneOf('setup_future_usage', ['on_session', 'off_session']),
    statementDescriptorSuffix: params.text('statement_descriptor_suffix'),
    transferGroup: params.text('transfer_group'),
  });
}

function attach(call: Call, intent: Stripe.PaymentIntent, paymentMethod: string): void {
  const onFile = resolveCard(call.world, paymentMethod);
  checkUsable(onFile, intent);
  intent.payment_method = onFile.object.id;
  intent.status = 'requires_confirmation';
}

export function createIntent(call: Call): Stripe.PaymentIntent {
  const params = createParams(call);
  const confirm = params.boolean('confirm') === true;
  const early = NEEDS_CONFIRM.find((name) => !confirm && params.has(name));
  if (early !== undefined) {
    throw invalidRequest({
      message: `The parameter \`${early}\` cannot be passed without \`confirm\` set to true.`,
      param: early,
    });
  }
  const intent = readIntent(call, params);
  const paymentMethod = params.text('payment_method');
  if (paymentMethod !== null) attach(call, intent, paymentMethod);
  if (confirm) checkRedirects(call, intent, params);
  call.world.intents.add(intent);
  call.emit('payment_intent.created', intent);
  return confirm ? performConfirm(call, intent, params) : intent;
}

export function confirmIntent(call: Call): Stripe.PaymentIntent {
  const params = call.params(
    call.publishable ? PUBLISHABLE_CONFIRM_PARAMS : [...CONFIRM_PARAMS, 'client_secret'],
  );
  const intent = findIntent(call.world, call.id);
  if (call.publishable && intent.confirmation_method === 'manual') throw serverOnly(intent);
  checkRedirects(call, intent, params);
  return performConfirm(call, intent, params);
}

function serverOnly(intent: Stripe.PaymentIntent): ApiFailure {
  return invalidRequest({
    code: 'payment_intent_invalid_parameter',
    message:
      `This PaymentIntent ${intent.id} cannot be confirmed using your publishable key because ` +
      'its `confirmation_method` is set to `manual`.',
  });
}

export function retrieveIntent(call: Call): Stripe.PaymentIntent {
  const secret = call.params(['client_secret']).text('client_secret');
  const intent = findIntent(call.world, call.id);
  if (secret !== null) checkClientSecret(call.world, intent.id, secret);
  return intent;
}

export function listIntents(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'customer']);
  const customer = params.text('customer');
  return call.world.intents.page(params, {
    url: '/v1/payment_intents',
    where: (intent) => customer === null || intent.customer === customer,
  });
}

export function updateIntent(call: Call): Stripe.PaymentIntent {
  const params = call.params(UPDATE_PARAMS);
  const intent = findIntent(call.world, call.id);
  const open = intent.status.startsWith('requires_') && intent.status !== 'requires_capture';
  const amount = params.integer('amount');
  if (!open && (amount !== null || params.has('payment_method'))) {
    throw unexpectedState(intent, 'updated');
  }
  if (amount !== null) {
    checkChargeAmount(amount, intent.currency);
    intent.amount = amount;
  }
  intent.metadata = params.metadata(intent.metadata);
  if (params.has('description')) intent.description = params.text('description');
  if (params.has('customer')) intent.customer = checkCustomer(call.world, params.text('customer'));
  const paymentMethod = params.text('payment_method');
  if (paymentMethod !== null) attach(call, intent, paymentMethod);
  return intent;
}
