import { connectStripe } from './stripe-provider';
import type { StripeProviderOptions } from './stripe-provider';
import { toProviderError } from './stripe-failure';

export interface StripeInspection {
  readonly roundTripMs: number;
  /** How far Stripe's clock is ahead of this machine's; null when the answer carried no date. */
  readonly clockOffsetMs: number | null;
}

/**
 * Asks for one PaymentIntent, which changes nothing and which every key that can charge may read.
 * @throws ProviderError, of kind `unauthorized` when the key is refused
 */
export async function inspectStripe(options: StripeProviderOptions): Promise<StripeInspection> {
  const askedAtMs = Date.now();
  try {
    const { lastResponse } = await connectStripe(options).paymentIntents.list({ limit: 1 });
    const answeredAtMs = Date.now();
    return {
      roundTripMs: answeredAtMs - askedAtMs,
      clockOffsetMs: offsetOf(lastResponse.headers['date'], (askedAtMs + answeredAtMs) / 2),
    };
  } catch (error) {
    throw toProviderError(error);
  }
}

function offsetOf(date: string | undefined, middleMs: number): number | null {
  const statedMs = Date.parse(date ?? '');
  // A date header has no fraction of a second, so on average it is half a second old.
  return Number.isNaN(statedMs) ? null : Math.round(statedMs + 500 - middleMs);
}
