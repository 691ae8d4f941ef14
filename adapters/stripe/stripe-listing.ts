import type StripeSdk from 'stripe';
import type {
  ListingPage,
  ListingQuery,
  ProviderListing,
} from '../../application/ports/provider-listing';
import { PAYMENT_ID_KEY, REFUND_ID_KEY } from './metadata';
import { toIntentSnapshot, toRefundSnapshot } from './snapshots';
import { toProviderError } from './stripe-failure';
import { connectStripe, within } from './stripe-provider';
import type { StripeProviderOptions } from './stripe-provider';

/** Stripe's largest page. */
const largestPage = 100;
const listed = { replayed: false, requestId: null };

/** Lists what was made in a time; one attempt for a page. */
export function createStripeListing(
  options: StripeProviderOptions & { readonly pageSize?: number },
): ProviderListing {
  const { pageSize = largestPage } = options;
  const stripe = connectStripe(options);
  return {
    intents: (query) =>
      readPage({
        timeoutMs: options.timeoutMs,
        // Without the charge an intent does not tell what was refunded.
        list: () =>
          stripe.paymentIntents.list({
            ...pageOf(query, pageSize),
            expand: ['data.latest_charge'],
          }),
        isOurs: (intent) => intent.metadata[PAYMENT_ID_KEY] !== undefined,
        read: (intent) => toIntentSnapshot(intent, listed),
      }),
    refunds: (query) =>
      readPage({
        timeoutMs: options.timeoutMs,
        list: () => stripe.refunds.list(pageOf(query, pageSize)),
        isOurs: (refund) => refund.metadata?.[REFUND_ID_KEY] !== undefined,
        read: (refund) => toRefundSnapshot(refund, listed),
      }),
  };
}

function pageOf({ from, to, after }: ListingQuery, limit: number) {
  return {
    created: { gte: Math.floor(from.getTime() / 1_000), lt: Math.ceil(to.getTime() / 1_000) },
    limit,
    ...(after === null ? {} : { starting_after: after }),
  };
}

interface Reading<Item, Snapshot> {
  readonly timeoutMs: number;
  readonly list: () => Promise<StripeSdk.ApiList<Item>>;
  readonly isOurs: (item: Item) => boolean;
  readonly read: (item: Item) => Snapshot;
}

async function readPage<Item extends { readonly id: string }, Snapshot>(
  reading: Reading<Item, Snapshot>,
): Promise<ListingPage<Snapshot>> {
  try {
    const page = await within(reading.timeoutMs, reading.list());
    const snapshots = page.data.map((item) => readable(reading, item));
    return {
      objects: snapshots.filter((snapshot) => snapshot !== null),
      unreadable: snapshots.filter((snapshot) => snapshot === null).length,
      next: page.has_more ? (page.data.at(-1)?.id ?? null) : null,
    };
  } catch (error) {
    throw toProviderError(error);
  }
}

/** Who shares the account may do what we never do: that must not end the listing. */
function readable<Item, Snapshot>(reading: Reading<Item, Snapshot>, item: Item): Snapshot | null {
  try {
    return reading.read(item);
  } catch (error) {
    if (reading.isOurs(item)) throw error;
    return null;
  }
}
