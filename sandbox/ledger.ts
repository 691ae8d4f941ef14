import type Stripe from 'stripe';
import { refundedAmount } from './settlement';
import type { World } from './world';

/** One intent's money as the sandbox's books have it, in the currency's smallest unit. */
export interface LedgerLine {
  paymentIntent: string;
  status: string;
  currency: string;
  amount: number;
  held: number;
  captured: number;
  refunded: number;
  /** Charges that took or held money: more than one is a double charge. */
  charges: number;
  failedCharges: number;
  refunds: number;
  metadata: Record<string, string>;
}

function line(world: World, intent: Stripe.PaymentIntent): LedgerLine {
  const charges = world.chargesOfIntent.get(intent.id) ?? [];
  const paid = charges.filter((charge) => charge.paid);
  return {
    paymentIntent: intent.id,
    status: intent.status,
    currency: intent.currency,
    amount: intent.amount,
    held: intent.amount_capturable,
    captured: paid.reduce((sum, charge) => sum + charge.amount_captured, 0),
    refunded: paid.reduce((sum, charge) => sum + refundedAmount(charge), 0),
    charges: paid.length,
    failedCharges: charges.length - paid.length,
    refunds: world.refundsOfIntent.get(intent.id)?.length ?? 0,
    metadata: intent.metadata,
  };
}

/** The lines of every intent, or of those that carry all of `metadata`. */
export function ledger(
  world: World,
  only: { intentId: string | null; metadata: Record<string, string> },
): LedgerLine[] {
  return world.intents
    .all()
    .filter((intent) => only.intentId === null || intent.id === only.intentId)
    .filter((intent) =>
      Object.entries(only.metadata).every(([key, value]) => intent.metadata[key] === value),
    )
    .map((intent) => line(world, intent));
}
