import { paymentFactTypes } from './payment-facts';
import type { PaymentFactType } from './payment-facts';
import { isSettled } from './payment-states';
import type { PaymentStatus } from './payment-states';
import { refundEvent } from './refund-states';
import type { RefundStatus } from './refund-states';

/** What the provider says about a refund, beside what is stored. Amounts are minor units. */
export interface RefundNews {
  readonly payment: {
    readonly status: PaymentStatus;
    readonly capturedMinor: number;
    readonly refundedMinor: number;
  };
  /** Whether the payment's own saga tells, which writes the figures with its outcome. */
  readonly isBySaga: boolean;
  readonly amountMinor: number;
  /** Null for a refund that nobody has heard of. */
  readonly from: RefundStatus | null;
  readonly to: RefundStatus;
}

/** What news of a refund lead to. `refundedMinor` is the payment's figure afterwards. */
export type RefundEffect =
  /** Known already, or it came late. */
  | { readonly kind: 'nothing' }
  /** The payment's saga is about to write figures; until it has, nobody else may. */
  | { readonly kind: 'early' }
  /** Only the refund's own row changes. */
  | { readonly kind: 'row' }
  | { readonly kind: 'fact'; readonly event: PaymentFactType; readonly refundedMinor: number }
  /** What was to leave nothing behind did not: an operator is needed. */
  | { readonly kind: 'review'; readonly refundedMinor: number };

/** The one place that says what a refund's news do to its payment. */
export function refundEffect(news: RefundNews): RefundEffect {
  const { payment, from, to } = news;
  const event = eventOf(from, to);
  if (event === null) return { kind: 'nothing' };
  if (!isSettled(payment.status)) return { kind: news.isBySaga ? 'row' : 'early' };
  const isReversal = event === paymentFactTypes.refundReversed;
  const refundedMinor = refundedAfter(news, isReversal);
  const isUndone = payment.status === 'failed' || payment.status === 'canceled';
  return isReversal && isUndone
    ? { kind: 'review', refundedMinor }
    : { kind: 'fact', event, refundedMinor };
}

/** Of a refund first heard of when it had ended already, only the end is told. */
function eventOf(from: RefundStatus | null, to: RefundStatus): PaymentFactType | null {
  return from === null && to !== 'pending' ? refundEvent('pending', to) : refundEvent(from, to);
}

/**
 * A parked payment's figures may not be known yet; then they stay, and are read from the provider
 * when an operator settles it.
 */
function refundedAfter({ payment, amountMinor, to }: RefundNews, isReversal: boolean): number {
  const { capturedMinor, refundedMinor } = payment;
  const change = isReversal ? -amountMinor : to === 'succeeded' ? amountMinor : 0;
  const after = refundedMinor + change;
  return after >= 0 && after <= capturedMinor ? after : refundedMinor;
}
