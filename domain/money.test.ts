import { currencyExponent, formatMoney, isCurrency, money } from './money';

describe('money', () => {
  it.each([
    [0, 'EUR', '0.00 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [1250, 'EUR', '12.50 EUR'],
    [1250, 'JPY', '1250 JPY'],
    [1250, 'KWD', '1.250 KWD'],
    [9_007_199_254_740_991, 'USD', '90071992547409.91 USD'],
  ])('shows %d minor units of %s exactly', (amountMinor, currency, text) => {
    expect(formatMoney(money(amountMinor, currency))).toBe(text);
  });

  it.each([0.1, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'refuses %d instead of rounding it',
    (amountMinor) => {
      expect(() => money(amountMinor, 'EUR')).toThrow('whole number of minor units');
    },
  );

  it('refuses a currency it does not know, small letters included', () => {
    expect(isCurrency('eur')).toBe(false);
    expect(isCurrency('XXX')).toBe(false);
    expect(() => currencyExponent('XXX')).toThrow('XXX');
  });
});
