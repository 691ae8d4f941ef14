import type { Handler } from './call';
import { listBalanceTransactions, retrieveBalanceTransaction } from './balance';
import { listCharges, retrieveCharge } from './charges';
import { createCustomer, listCustomers, retrieveCustomer, updateCustomer } from './customers';
import { closeByMerchant, listDisputes, retrieveDispute, updateDispute } from './disputes';
import { listEvents, retrieveEvent } from './events';
import { cancelIntent, captureIntent } from './intent-finish';
import { confirmIntent, createIntent, listIntents, retrieveIntent, updateIntent } from './intents';
import {
  attachPaymentMethod,
  detachPaymentMethod,
  listPaymentMethods,
  retrievePaymentMethod,
} from './payment-methods';
import { cancelRefund, createRefund, listRefunds, retrieveRefund, updateRefund } from './refunds';
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  listWebhookEndpoints,
} from './webhook-endpoints';

export interface Route {
  /** The name that faults and the request log use, such as `payment_intents.confirm`. */
  name: string;
  handler: Handler;
  /** Open to publishable keys, with the client secret of the intent in the path. */
  publishable?: true;
}

const table: Record<string, Route> = {
  'POST payment_intents': { name: 'payment_intents.create', handler: createIntent },
  'GET payment_intents': { name: 'payment_intents.list', handler: listIntents },
  'GET payment_intents/:id': {
    name: 'payment_intents.retrieve',
    handler: retrieveIntent,
    publishable: true,
  },
  'POST payment_intents/:id': { name: 'payment_intents.update', handler: updateIntent },
  'POST payment_intents/:id/confirm': {
    name: 'payment_intents.confirm',
    handler: confirmIntent,
    publishable: true,
  },
  'POST payment_intents/:id/capture': { name: 'payment_intents.capture', handler: captureIntent },
  'POST payment_intents/:id/cancel': { name: 'payment_intents.cancel', handler: cancelIntent },
  'POST refunds': { name: 'refunds.create', handler: createRefund },
  'GET refunds': { name: 'refunds.list', handler: listRefunds },
  'GET refunds/:id': { name: 'refunds.retrieve', handler: retrieveRefund },
  'POST refunds/:id': { name: 'refunds.update', handler: updateRefund },
  'POST refunds/:id/cancel': { name: 'refunds.cancel', handler: cancelRefund },
  'GET charges': { name: 'charges.list', handler: listCharges },
  'GET charges/:id': { name: 'charges.retrieve', handler: retrieveCharge },
  'GET disputes': { name: 'disputes.list', handler: listDisputes },
  'GET disputes/:id': { name: 'disputes.retrieve', handler: retrieveDispute },
  'POST disputes/:id': { name: 'disputes.update', handler: updateDispute },
  'POST disputes/:id/close': { name: 'disputes.close', handler: closeByMerchant },
  'GET balance_transactions': {
    name: 'balance_transactions.list',
    handler: listBalanceTransactions,
  },
  'GET balance_transactions/:id': {
    name: 'balance_transactions.retrieve',
    handler: retrieveBalanceTransaction,
  },
  'GET payment_methods': { name: 'payment_methods.list', handler: listPaymentMethods },
  'GET payment_methods/:id': { name: 'payment_methods.retrieve', handler: retrievePaymentMethod },
  'POST payment_methods/:id/attach': {
    name: 'payment_methods.attach',
    handler: attachPaymentMethod,
  },
  'POST payment_methods/:id/detach': {
    name: 'payment_methods.detach',
    handler: detachPaymentMethod,
  },
  'POST customers': { name: 'customers.create', handler: createCustomer },
  'GET customers': { name: 'customers.list', handler: listCustomers },
  'GET customers/:id': { name: 'customers.retrieve', handler: retrieveCustomer },
  'POST customers/:id': { name: 'customers.update', handler: updateCustomer },
  'GET events': { name: 'events.list', handler: listEvents },
  'GET events/:id': { name: 'events.retrieve', handler: retrieveEvent },
  'POST webhook_endpoints': { name: 'webhook_endpoints.create', handler: createWebhookEndpoint },
  'GET webhook_endpoints': { name: 'webhook_endpoints.list', handler: listWebhookEndpoints },
  'DELETE webhook_endpoints/:id': {
    name: 'webhook_endpoints.delete',
    handler: deleteWebhookEndpoint,
  },
};
const routes = new Map(Object.entries(table));

/** The route of `/v1/<resource>[/<id>[/<action>]]`, or undefined. */
export function findRoute(method: string, path: string): { route: Route; id: string } | undefined {
  const [version, resource = '', id, action, ...rest] = path.split('/').slice(1);
  if (version !== 'v1' || rest.length > 0) return undefined;
  const shape = `${resource}${id === undefined ? '' : '/:id'}${action === undefined ? '' : `/${action}`}`;
  const route = routes.get(`${method} ${shape}`);
  return route === undefined ? undefined : { route, id: id ?? '' };
}
