import type Stripe from 'stripe';
import { invalidRequest, resourceMissing } from './api-failure';
import { newId } from './ids';
import type { Call } from './call';
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
  const fresh = { object: cardObject(card, world.clock.nowSeconds()), card, used: false };
  world.cards.set(fresh.object.id, fresh);
  return fresh;
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
  if (owner === null && onFile.used) {
    throw invalidRequest({
      message:
        'The provided PaymentMethod was previously used with a PaymentIntent without Customer ' +
        'attachment, and may not be used again.',
      param: 'payment_method',
    });
  }
}

export function retrievePaymentMethod({ world, id }: Call): Stripe.PaymentMethod {
  const known = world.cards.get(id);
  if (known !== undefined) return known.object;
  const card = testCard(id);
  if (card === undefined) throw resourceMissing('PaymentMethod', id);
  return { ...cardObject(card, world.clock.nowSeconds()), id };
}

export function attachPaymentMethod(call: Call): Stripe.PaymentMethod {
  const customer = call.params(['customer']).requiredText('customer');
  if (call.world.customers.get(customer) === undefined) {
    throw resourceMissing('customer', customer);
  }
  const { object } = resolveCard(call.world, call.id);
  object.customer = customer;
  return object;
}
