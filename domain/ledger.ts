/**
 * The accounts of a payment's books. `held_by_issuer` against `hold_owed`: what a card's issuer
 * keeps aside for us. `provider_balance` against `merchant_payable`: what was captured and not given
 * back.
 */
export const ledgerAccounts = [
  'held_by_issuer',
  'hold_owed',
  'provider_balance',
  'merchant_payable',
] as const;

export type LedgerAccount = (typeof ledgerAccounts)[number];

/** The figures beside a payment's status, in integer minor units of its currency. */
export interface Figures {
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

/** One line of the books, signed: what the account gains is positive. */
export interface Posting {
  readonly account: LedgerAccount;
  readonly amountMinor: number;
}

/** The lines that take the books from one state of the figures to another; they sum to zero. */
export function postingsBetween(before: Figures, after: Figures): Posting[] {
  const held = after.heldMinor - before.heldMinor;
  const net = netOf(after) - netOf(before);
  return [
    ...pair('held_by_issuer', 'hold_owed', held),
    ...pair('provider_balance', 'merchant_payable', net),
  ];
}

function netOf({ capturedMinor, refundedMinor }: Figures): number {
  return capturedMinor - refundedMinor;
}

function pair(gains: LedgerAccount, owes: LedgerAccount, amountMinor: number): Posting[] {
  if (amountMinor === 0) return [];
  return [
    { account: gains, amountMinor },
    { account: owes, amountMinor: -amountMinor },
  ];
}
