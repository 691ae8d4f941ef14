import { paymentFactTypes } from './payment-facts';
import type { PaymentFactType } from './payment-facts';

/** Statuses after which the bank says nothing more (source: docs.stripe.com/api/disputes/object). */
const closed: readonly string[] = ['won', 'lost', 'warning_closed', 'prevented'];

/** Whether the bank has decided; the provider adds statuses, and an unknown one counts as open. */
export function isDisputeClosed(status: string): boolean {
  return closed.includes(status);
}

/**
 * What the provider's word about a dispute leads to: the event to tell, `noted` for a change that
 * has none, or null for what is known or came late. One first heard of when it was over is told as
 * opened first: told again, it is told as closed.
 */
export function disputeChange(
  stored: { readonly status: string; readonly isClosed: boolean } | null,
  status: string,
): PaymentFactType | 'noted' | null {
  if (stored === null) return paymentFactTypes.disputeOpened;
  if (stored.isClosed) return null;
  if (isDisputeClosed(status)) return paymentFactTypes.disputeClosed;
  return stored.status === status ? null : 'noted';
}
