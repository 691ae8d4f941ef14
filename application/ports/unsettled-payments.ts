import type { SagaStart } from './saga-starter';

export interface UnsettledQuery {
  readonly pendingAfterMs: number;
  readonly processingAfterMs: number;
  /** For those that wait for a customer or a merchant; left out it is longer than a hold lasts. */
  readonly waitingAfterMs?: number;
  readonly limit: number;
  /** The place after which to go on; null for the first page. */
  readonly after: UnsettledPlace | null;
}

export interface UnsettledPlace {
  readonly updatedAt: Date;
  readonly paymentId: string;
}

export interface UnsettledPage {
  readonly payments: readonly SagaStart[];
  /** Null when there is no further page. */
  readonly next: UnsettledPlace | null;
}

/** Payments that nobody seems to be working on, longest untouched first. */
export interface UnsettledPayments {
  page(query: UnsettledQuery): Promise<UnsettledPage>;
}
