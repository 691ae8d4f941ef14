import type { WebhookVerifier } from '../../application/ports/provider-webhooks';
import type { Clock } from '../../application/ports/system';
import { toProviderEvent } from './provider-event';
import { verifyStripeWebhook } from './stripe-webhook';

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
