import { fromStripeAmount, toStripeAmount } from './stripe-amount';

describe('amounts towards Stripe', () => {
  it.each([
    ['EUR', 1250, 1250],
    ['JPY', 1250, 1250],
    ['ISK', 1250, 125_000],
    ['UGX', 1250, 125_000],
    ['MGA', 125_000, 1250],
    ['KWD', 1250, 1250],
  ])('%s %i is sent as %i and read back exactly', (currency, minor, sent) => {
    expect(toStripeAmount(minor, currency)).toBe(sent);
    expect(fromStripeAmount(sent, currency)).toBe(minor);
  });

  it.each([
    ['KWD', 1234],
    ['TND', 1],
    ['MGA', 125],
    ['EUR', 12.5],
    ['EUR', -1],
    ['ISK', Number.MAX_SAFE_INTEGER],
  ])('%s %d is refused, never rounded', (currency, minor) => {
    expect(() => toStripeAmount(minor, currency)).toThrow('no exact counterpart');
  });

  it('a fraction of a krona from the provider is refused, never rounded', () => {
    expect(() => fromStripeAmount(550, 'ISK')).toThrow('550 ISK has no exact counterpart');
  });
});
