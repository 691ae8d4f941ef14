import { postingsBetween } from '../../domain/ledger';
import type { Figures } from '../../domain/ledger';

/** The lines of the books between two states of the figures, as JSON for the statement at hand. */
export function ledgerRows(before: Figures, after: Figures): string {
  return JSON.stringify(
    postingsBetween(before, after).map(({ account, amountMinor }) => ({
      account,
      amount_minor: amountMinor,
    })),
  );
}
