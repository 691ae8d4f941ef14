import type { IntentSnapshot, RefundSnapshot } from './payment-provider';

export interface ListingQuery {
  /** Made at this time or later, to the second. */
  readonly from: Date;
  /** Made before this time. */
  readonly to: Date;
  /** The last id of the page before; null for the first page. */
  readonly after: string | null;
}

export interface ListingPage<Snapshot> {
  readonly objects: readonly Snapshot[];
  /** Of others who share the account, in a form that ours never have. */
  readonly unreadable: number;
  /** Null on the last page. */
  readonly next: string | null;
}

/**
 * What the provider holds, by the time of its making, newest first. Each call is one attempt and
 * rejects with `ProviderError` only.
 */
export interface ProviderListing {
  intents(query: ListingQuery): Promise<ListingPage<IntentSnapshot>>;
  refunds(query: ListingQuery): Promise<ListingPage<RefundSnapshot>>;
}
