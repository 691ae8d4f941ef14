import { postingsBetween } from './ledger';
import type { Figures } from './ledger';

const none: Figures = { heldMinor: 0, capturedMinor: 0, refundedMinor: 0 };
const held: Figures = { ...none, heldMinor: 1_000 };
const captured: Figures = { ...none, capturedMinor: 700 };
const refunded: Figures = { ...captured, refundedMinor: 300 };

const balance = (steps: readonly Figures[], account: string) =>
  steps
    .slice(1)
    .flatMap((after, index) => postingsBetween(steps[index] ?? none, after))
    .filter((posting) => posting.account === account)
    .reduce((sum, posting) => sum + posting.amountMinor, 0);

describe('ledger postings', () => {
  it.each([
    ['a hold', none, held],
    ['a partial capture of a hold', held, captured],
    ['a refund', captured, refunded],
    ['a refund that failed after it succeeded', refunded, captured],
    ['a void', held, none],
  ])('%s sums to zero', (_name, before, after) => {
    const postings = postingsBetween(before, after);
    expect(postings.length).toBeGreaterThan(0);
    expect(postings.reduce((sum, posting) => sum + posting.amountMinor, 0)).toBe(0);
  });

  it('nothing moved is nothing posted', () => {
    expect(postingsBetween(captured, captured)).toEqual([]);
  });

  it('what is left on the accounts is what the figures say', () => {
    const life = [none, held, captured, refunded];
    expect(balance(life, 'held_by_issuer')).toBe(0);
    expect(balance(life, 'provider_balance')).toBe(400);
    expect(balance(life, 'merchant_payable')).toBe(-400);
  });
});
