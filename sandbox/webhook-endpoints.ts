import type Stripe from 'stripe';
import { invalidRequest, resourceMissing } from './api-failure';
import type { Call } from './call';
import { newId } from './ids';
import { LIST_PARAMS } from './params';
import { newReceiver } from './receiver';

export function createWebhookEndpoint(call: Call): Stripe.WebhookEndpoint {
  const params = call.params(['api_version', 'description', 'enabled_events', 'metadata', 'url']);
  const url = params.requiredText('url');
  // The sandbox never leaves the machine, even when somebody pastes a production address.
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostOf(url))) {
    throw invalidRequest({ message: 'The sandbox delivers to this machine only.', param: 'url' });
  }
  const events = params.list('enabled_events');
  if (events.length === 0) {
    throw invalidRequest({
      code: 'parameter_missing',
      message: 'Missing required param: enabled_events.',
      param: 'enabled_events',
    });
  }
  const receiver = newReceiver({
    url,
    secret: newId('whsec'),
    events,
    created: call.world.clock.nowSeconds(),
  });
  call.world.addReceiver(receiver);
  return { ...receiver.object, secret: receiver.secret };
}

function hostOf(url: string): string {
  if (!URL.canParse(url)) throw invalidRequest({ message: 'Not a valid URL', param: 'url' });
  return new URL(url).hostname;
}

export function listWebhookEndpoints(call: Call): object {
  call.params(LIST_PARAMS);
  const data = [...call.world.receivers.values()].map((receiver) => receiver.object).toReversed();
  return { object: 'list', url: '/v1/webhook_endpoints', has_more: false, data };
}

export function deleteWebhookEndpoint(call: Call): object {
  if (!call.world.removeReceiver(call.id)) throw resourceMissing('webhook endpoint', call.id);
  return { id: call.id, object: 'webhook_endpoint', deleted: true };
}
