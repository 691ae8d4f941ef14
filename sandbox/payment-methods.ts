import type Stripe from 'stripe';
import { ApiFailure, invalidRequest, resourceMissing } from './api-failure';
import type { Call } from './call';
import type { Cause } from './event-log';
import { newId } from './ids';
import { LIST_PARAMS } from './params';
import { testCard, type TestCard } from './test-cards';
import type { CardOnFile, World } from './world';

function cardObject(card: TestCard, created: number): Stripe.PaymentMethod {
  return {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
      country: 'US',
      display_brand: card.brand,
      exp_month: 12,
      exp_year: 2034,
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
}

/** Stripe makes a fresh payment method of each shared test name that a request uses. */
export function resolveCard(world: World, id: string): CardOnFile {
  const known = world.cards.get(id);
  if (known !== undefined) return known;
  const card = testCard(id);
  if (card === undefined) {
    throw invalidRequest({
      code: 'resource_missing',
      message: `No such PaymentMethod: '${id}'`,
      param: 'payment_method',
    });
  }
  const object = cardObject(card, world.clock.nowSeconds());
  const { id: fresh, created } = object;
  return world.cards.add({ id: fresh, created, object, card, used: false, setUp: false });
}

/** Refuses a method of another customer, and a second use of one without a customer. */
export function checkUsable(onFile: CardOnFile, intent: Stripe.PaymentIntent): void {
  const owner = onFile.object.customer;
  if (owner !== null && owner !== intent.customer) {
    throw invalidRequest({
      message:
        'The provided PaymentMethod belongs to a Customer: pass that Customer with the ' +
        'PaymentIntent.',
      param: 'payment_method',
    });
  }
  if (owner === null) refuseSecondUse(onFile);
}

function refuseSecondUse(onFile: CardOnFile): void {
  if (!onFile.used) return;
  throw invalidRequest({
    message:
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer ' +
      'attachment, and may not be used again.',
    param: 'payment_method',
  });
}

export function retrievePaymentMethod({ world, id }: Call): Stripe.PaymentMethod {
  const known = world.cards.get(id);
  if (known !== undefined) return known.object;
  const card = testCard(id);
  if (card === undefined) throw resourceMissing('PaymentMethod', id);
  return { ...cardObject(card, world.clock.nowSeconds()), id };
}

/** Saves a payment method with its customer; it stays with the first one. */
export function attachTo(
  world: World,
  input: { onFile: CardOnFile; customer: string; cause: Cause },
): void {
  const { object } = input.onFile;
  if (object.customer === input.customer) return;
  object.customer = input.customer;
  world.events.emit({ type: 'payment_method.attached', object }, input.cause);
}

/** Saving a card asks its issuer first, who may say no as to a charge. */
export function attachChecked(call: Call, onFile: CardOnFile, customer: string): void {
  const { card, object } = onFile;
  if (card.decline !== null && !card.attachable) {
    throw new ApiFailure({
      status: 402,
      type: 'card_error',
      code: card.decline.code,
      declineCode: card.decline.declineCode,
      message: card.decline.message,
      stored: true,
    });
  }
  if (object.customer !== null && object.customer !== customer) {
    throw invalidRequest({
      message: 'The payment method you provided has already been attached to a customer.',
      param: 'payment_method',
    });
  }
  if (object.customer === null) refuseSecondUse(onFile);
  attachTo(call.world, { onFile, customer, cause: call.cause });
}

function checkCustomer(world: World, customer: string): void {
  if (world.customers.get(customer) === undefined) throw resourceMissing('customer', customer);
}

export function attachPaymentMethod(call: Call): Stripe.PaymentMethod {
  const customer = call.params(['customer']).requiredText('customer');
  checkCustomer(call.world, customer);
  const onFile = resolveCard(call.world, call.id);
  attachChecked(call, onFile, customer);
  return onFile.object;
}

/** Once detached it can be used no more. */
export function detachPaymentMethod(call: Call): Stripe.PaymentMethod {
  call.params([]);
  const onFile = call.world.cards.get(call.id);
  if (onFile === undefined) throw resourceMissing('PaymentMethod', call.id);
  const previous = { customer: onFile.object.customer };
  if (previous.customer === null) {
    throw invalidRequest({
      message: 'The payment method you provided is not attached to a customer.',
      param: 'payment_method',
    });
  }
  onFile.object.customer = null;
  onFile.used = true;
  call.emit('payment_method.detached', onFile.object, previous);
  return onFile.object;
}

export function listPaymentMethods(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'customer', 'type']);
  const customer = params.requiredText('customer');
  checkCustomer(call.world, customer);
  const type = params.text('type');
  return call.world.cards.page(params, {
    url: '/v1/payment_methods',
    show: ({ object }) => object,
    where: ({ object }) => object.customer === customer && (type === null || object.type === type),
  });
}
