import type Stripe from 'stripe';
import { resourceMissing } from './api-failure';
import type { Call } from './call';
import { LIST_PARAMS } from './params';

export function retrieveCharge(call: Call): Stripe.Charge {
  call.params([]);
  const charge = call.world.charges.get(call.id);
  if (charge === undefined) throw resourceMissing('charge', call.id);
  return charge;
}

export function listCharges(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'customer', 'payment_intent']);
  const intent = params.text('payment_intent');
  const customer = params.text('customer');
  return call.world.charges.page(params, {
    url: '/v1/charges',
    ...(intent === null ? {} : { among: call.world.chargesOfIntent.get(intent) ?? [] }),
    where: (charge) =>
      (intent === null || charge.payment_intent === intent) &&
      (customer === null || charge.customer === customer),
  });
}
