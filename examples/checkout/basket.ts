import { randomUUID } from 'node:crypto';
import type { Payment, Paysaga } from './paysaga';

/** What is sold, and for how much: the shop says it, never the browser. */
export const order = { title: 'A notebook', amount: 1250, currency: 'EUR', total: '12.50 €' };

const COOKIE = 'basket';
const BASKET = /(?:^|;\s*)basket=([0-9a-f-]{36})(?:;|$)/;

/** The basket that a request comes with; null for a browser that has none yet. */
export function basketOf(cookies: string | undefined): string | null {
  return BASKET.exec(cookies ?? '')?.[1] ?? null;
}

/** Gives the browser a basket of its own. A shop on HTTPS adds `Secure`. */
export function newBasketCookie(): string {
  // Lax, because the way back from a challenge begins on another site.
  return `${COOKIE}=${randomUUID()}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400`;
}

/**
 * The one payment of a basket: the living one, or else a new one. Nothing is remembered here, so
 * it is the same after a restart, in a second tab and on a second server: the key is derived from
 * the basket and from the payment that ended before, and paysaga allows one living payment for each
 * reference.
 * @returns null while another request is making it: ask again
 */
export async function paymentOf(paysaga: Paysaga, basket: string): Promise<Payment | null> {
  const latest = await paysaga.latestOf(basket);
  if (latest !== null && !hasEnded(latest)) return paysaga.read(latest.id);
  const { amount, currency } = order;
  const idempotencyKey = `${basket}:${latest?.id ?? 'first'}`;
  return paysaga.make({ idempotencyKey, reference: basket, amount, currency });
}

/** Whether it came to nothing, so that the basket may be paid by another payment. */
function hasEnded({ status }: Payment): boolean {
  return status === 'failed' || status === 'canceled';
}
