import type Stripe from 'stripe';
import { newId } from './ids';

/** A webhook endpoint; the API shows its `secret` in the answer of the create call alone. */
export interface Receiver {
  object: Stripe.WebhookEndpoint;
  secret: string;
}

/** The id of the receiver that the sandbox is started with, the same after a restart. */
export const CONFIGURED = 'we_configured';

export function newReceiver(input: {
  id?: string;
  url: string;
  secret: string;
  events: string[];
  created: number;
}): Receiver {
  return {
    secret: input.secret,
    object: {
      id: input.id ?? newId('we'),
      object: 'webhook_endpoint',
      api_version: null,
      application: null,
      created: input.created,
      description: null,
      enabled_events: input.events,
      livemode: false,
      metadata: {},
      status: 'enabled',
      url: input.url,
    },
  };
}
