import type StripeSdk from 'stripe';
import type {
  DisputeSnapshot,
  PaymentProvider,
  RefundSnapshot,
} from '../../application/ports/payment-provider';
import { toProviderEvent } from './provider-event';
import { toDisputeSnapshot, toRefundSnapshot } from './snapshots';
import { listEventsParams, PAGE_SIZE } from './stripe-params';
import { toStripeEvent } from './stripe-webhook';

type Lists = Pick<PaymentProvider, 'listRefunds' | 'listDisputes' | 'listEvents'>;

/**
 * The calls that read lists.
 * @param ask makes one call within its time, and its failure a ProviderError
 */
export function listsOf(stripe: StripeSdk, ask: <T>(call: () => Promise<T>) => Promise<T>): Lists {
  return {
    listRefunds: (intentId) =>
      ask(async () => {
        const found: RefundSnapshot[] = [];
        const pages = stripe.refunds.list({ payment_intent: intentId, limit: PAGE_SIZE });
        for await (const refund of pages) {
          found.push(toRefundSnapshot(refund, { replayed: false, requestId: null }));
        }
        return found;
      }),

    listDisputes: (intentId) =>
      ask(async () => {
        const found: DisputeSnapshot[] = [];
        const pages = stripe.disputes.list({ payment_intent: intentId, limit: PAGE_SIZE });
        for await (const dispute of pages) found.push(toDisputeSnapshot(dispute));
        return found;
      }),

    listEvents: (query) =>
      ask(async () => {
        const page = await stripe.events.list(listEventsParams(query));
        const events = page.data.map(toStripeEvent).filter((event) => event !== null);
        const next = page.has_more ? (page.data.at(-1)?.id ?? null) : null;
        return { events: events.map(toProviderEvent), next };
      }),
  };
}
