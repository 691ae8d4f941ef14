import express from 'express';
import type { RequestHandler } from 'express';
import type { Log } from '../../../application/ports/log';
import type {
  ProviderEventStore,
  WebhookVerifier,
} from '../../../application/ports/provider-webhooks';
import { contextOf } from '../../middleware/request-context';
import { Problem } from '../../problems/problem';

// The provider's largest events are some tens of kilobytes.
const bodyLimitBytes = 256 * 1024;

/** The signature covers the bytes, so they are kept as they came. */
export const webhookBody: RequestHandler = express.raw({
  type: () => true,
  limit: bodyLimitBytes,
  inflate: false,
});

/** POST /v1/webhooks/stripe: answers once the event is stored; a repeat is stored once. */
export function receiveStripeWebhook(deps: {
  readonly webhooks: WebhookVerifier;
  readonly events: ProviderEventStore;
  readonly log: Log;
}): RequestHandler {
  return async (request, response) => {
    const body: unknown = request.body;
    const signature = request.get('Stripe-Signature') ?? '';
    const event = Buffer.isBuffer(body) ? deps.webhooks.verify({ body, signature }) : null;
    if (event === null) throw new Problem('invalid_signature');
    const isNew = await deps.events.add(event);
    deps.log.info(
      {
        requestId: contextOf(response).requestId,
        eventId: event.id,
        type: event.type,
        paymentId: event.paymentId ?? undefined,
        repeated: !isNew,
      },
      'webhook stored',
    );
    response.json({ received: true });
  };
}
