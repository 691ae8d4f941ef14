import express from 'express';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { contextOf } from '../../middleware/request-context';
import { Problem } from '../../problems/problem';
import { json } from '../../routing/answer';
import type { HeaderParameter } from '../../routing/header-parameter';
import type { RequestBody } from '../../routing/request-body';
import { route } from '../../routing/route';

// The provider's largest events are some tens of kilobytes.
const bodyLimitBytes = 256 * 1024;

/** The signature covers the bytes, so they are kept as they came. */
const receive: RequestHandler = express.raw({
  type: () => true,
  limit: bodyLimitBytes,
  inflate: false,
});

const signedBody: RequestBody<Buffer> = {
  isRequired: true,
  schema: z.looseObject({}).meta({ description: "The provider's event." }),
  problems: ['body_too_large', 'unsupported_media_type'],
  receive,
  read: ({ body }: Request) => (Buffer.isBuffer(body) ? body : Buffer.alloc(0)),
};

const stripeSignature: HeaderParameter<string> = {
  name: 'Stripe-Signature',
  description: 'When it was signed, and the signature over that and the body.',
  isRequired: true,
  schema: { type: 'string', examples: ['t=1760000000,v1=5257a869...'] },
  problems: ['invalid_signature'],
  parse: (text = '') => text,
};

/** Answers once the event is stored, with what applies it; a repeat is stored once. */
export const receiveStripeWebhook = route({
  method: 'post',
  path: '/v1/webhooks/stripe',
  operationId: 'receiveStripeWebhook',
  tag: 'webhooks',
  summary: 'Take an event of the provider',
  scope: null,
  // The provider sends what happened to money, in bursts after an outage, from a few addresses; what
  // it did not sign costs no more than a hash.
  isUnlimited: true,
  headers: [stripeSignature],
  body: signedBody,
  answers: { 200: json('Stored.', z.strictObject({ received: z.literal(true) })) },
  handle: (deps) => async (given, response) => {
    const event = deps.webhooks.verify({
      body: given.body,
      signature: given.header(stripeSignature),
    });
    if (event === null) {
      deps.metrics.webhook('refused');
      throw new Problem('invalid_signature');
    }
    const { requestId, traceparent } = contextOf(response);
    const receipt = await deps.receiveEvent(event, traceparent);
    deps.metrics.webhook(receipt);
    deps.log.info(
      {
        requestId,
        eventId: event.id,
        type: event.type,
        paymentId: event.paymentId ?? undefined,
        receipt,
      },
      'webhook stored',
    );
    response.json({ received: true });
  },
});
