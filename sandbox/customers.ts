import type Stripe from 'stripe';
import { resourceMissing } from './api-failure';
import type { Call } from './call';
import { newId } from './ids';
import { LIST_PARAMS } from './params';
import { attachChecked, resolveCard } from './payment-methods';

const CREATE_PARAMS: readonly (keyof Stripe.CustomerCreateParams)[] = [
  'address',
  'description',
  'email',
  'invoice_settings',
  'metadata',
  'name',
  'payment_method',
  'phone',
  'shipping',
];

const UPDATE_PARAMS = CREATE_PARAMS.filter((name) => name !== 'payment_method');

export function createCustomer(call: Call): Stripe.Customer {
  const params = call.params(CREATE_PARAMS);
  const customer: Stripe.Customer = {
    id: newId('cus'),
    object: 'customer',
    balance: 0,
    created: call.world.clock.nowSeconds(),
    currency: null,
    default_source: null,
    delinquent: false,
    description: params.text('description'),
    discount: null,
    email: params.text('email'),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: params.metadata(),
    name: params.text('name'),
    phone: params.text('phone'),
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
  const paymentMethod = params.text('payment_method');
  if (paymentMethod !== null) {
    attachChecked(call, resolveCard(call.world, paymentMethod), customer.id);
  }
  call.world.customers.add(customer);
  call.emit('customer.created', customer);
  return customer;
}

export function updateCustomer(call: Call): Stripe.Customer {
  const params = call.params(UPDATE_PARAMS);
  const customer = call.world.customers.get(call.id);
  if (customer === undefined) throw resourceMissing('customer', call.id);
  const { description, email, metadata, name, phone } = customer;
  customer.metadata = params.metadata(metadata);
  if (params.has('description')) customer.description = params.text('description');
  if (params.has('email')) customer.email = params.text('email');
  if (params.has('name')) customer.name = params.text('name');
  if (params.has('phone')) customer.phone = params.text('phone');
  call.emit('customer.updated', customer, { description, email, metadata, name, phone });
  return customer;
}

export function retrieveCustomer(call: Call): Stripe.Customer {
  call.params([]);
  const customer = call.world.customers.get(call.id);
  if (customer === undefined) throw resourceMissing('customer', call.id);
  return customer;
}

export function listCustomers(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'email']);
  const email = params.text('email');
  return call.world.customers.page(params, {
    url: '/v1/customers',
    where: (customer) => email === null || customer.email === email,
  });
}
