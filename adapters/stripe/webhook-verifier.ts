import type { ProviderEvent, WebhookVerifier } from '../../application/ports/provider-webhooks';
import type { Clock } from '../../application/ports/system';
import { verifyStripeWebhook } from './stripe-webhook';
import type { StripeEvent } from './stripe-webhook';

// Stripe's own tolerance for the age of a signature (source: docs.stripe.com/webhooks).
const toleranceSeconds = 300;

/** Verifies Stripe's webhooks against the secrets of the endpoint. */
export function createWebhookVerifier(options: {
  readonly secrets: readonly string[];
  readonly clock: Clock;
}): WebhookVerifier {
  return {
    verify: ({ body, signature }) => {
      const verdict = verifyStripeWebhook({
        rawBody: body,
        signatureHeader: signature,
        secrets: options.secrets,
        toleranceSeconds,
        nowMs: options.clock.now().getTime(),
      });
      return verdict.ok ? toProviderEvent(verdict.event) : null;
    },
  };
}

function toProviderEvent(event: StripeEvent): ProviderEvent {
  return {
    id: event.id,
    type: event.type,
    // A few objects, a balance for one, have no id.
    objectId: event.objectId ?? '',
    objectType: event.objectType,
    providerIntentId: event.paymentIntentId,
    paymentId: event.paymentId,
    occurredAt: new Date(event.createdAt),
  };
}
