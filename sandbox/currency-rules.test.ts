import { ApiFailure } from './api-failure';
import { checkChargeAmount, checkCurrency } from './currency-rules';

function codeOf(run: () => void): string | undefined {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (error instanceof ApiFailure) return error.details.code ?? error.details.param;
    throw error;
  }
}

describe('currency rules', () => {
  it.each([
    ['usd', 50, 'accepted'],
    ['usd', 49, 'amount_too_small'],
    ['usd', 0, 'parameter_invalid_integer'],
    ['usd', 99_999_999, 'accepted'],
    ['usd', 100_000_000, 'amount_too_large'],
    ['jpy', 50, 'accepted'],
    ['isk', 500, 'accepted'],
    ['isk', 550, 'amount'],
    ['ugx', 12_345, 'amount'],
    ['kwd', 1230, 'accepted'],
    ['kwd', 1234, 'amount'],
  ])('%s %i is %s', (currency, amount, verdict) => {
    expect(codeOf(() => checkChargeAmount(amount, currency))).toBe(verdict);
  });

  it('a currency is taken in either case and a stranger is refused', () => {
    expect(checkCurrency('EUR')).toBe('eur');
    expect(() => checkCurrency('xxx')).toThrow('Invalid currency: xxx.');
  });
});
