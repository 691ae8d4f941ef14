import type { ProviderEvent } from '../../application/ports/provider-webhooks';
import type { StripeEvent } from './stripe-webhook';

/** An event of Stripe's in the words of the port. */
export function toProviderEvent(event: StripeEvent): ProviderEvent {
  return {
    id: event.id,
    type: event.type,
    // A few objects, a balance for one, have no id.
    objectId: event.objectId ?? '',
    objectType: event.objectType,
    objectStatus: event.objectStatus,
    providerIntentId: event.paymentIntentId,
    paymentId: event.paymentId,
    refundId: event.refundId,
    occurredAt: new Date(event.createdAt),
  };
}
