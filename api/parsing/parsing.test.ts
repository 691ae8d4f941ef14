import { paymentRequestSchema } from '../../contracts/schemas/payment-request';
import { Problem } from '../problems/problem';
import { hasDuplicateNames } from './duplicate-names';
import { InexactNumber, parseStrictJson } from './strict-json';
import { validate } from './validate';

const read = (text: string) => parseStrictJson(Buffer.from(text));

describe('duplicate names', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '[{"x":{"a":[],"b":{},"a":null}}]',
    '{"\\"":1,"\\"":2}',
    '{"__proto__":1,"__proto__":1}',
  ])('are found in %s', (json) => {
    expect(hasDuplicateNames(json)).toBe(true);
    expect(() => read(json)).toThrow('invalid_json');
  });

  it.each([
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"a:"}',
    '{"a":"\\"a\\":1","b":"{\\"b\\":1}"}',
    '"a"',
    '["a","a"]',
    '{"a\\\\":1,"a":2}',
  ])('are not seen in %s', (json) => {
    expect(hasDuplicateNames(json)).toBe(false);
    expect(() => read(json)).not.toThrow();
  });
});

describe('numbers', () => {
  it.each(['0', '1', '-1', '9007199254740991'])('%s is exact', (text) => {
    expect(read(text)).toBe(Number(text));
  });

  it.each(['-0', '1.0', '0.1', '1e3', '1E+3', '9007199254740992', `1${'0'.repeat(400)}`])(
    '%.20s is not, and keeps its text',
    (text) => {
      expect(read(text)).toEqual(new InexactNumber(text));
    },
  );

  it.each(['01', '+1', '.5', '5.', '0x10', 'NaN', 'Infinity', '1_000'])('%s is no JSON', (text) => {
    expect(() => read(text)).toThrow('invalid_json');
  });
});

describe('bytes', () => {
  it('that are no UTF-8 are refused', () => {
    expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('invalid_json');
  });

  it('of a byte order mark are refused', () => {
    expect(() => read('\ufeff{}')).toThrow('invalid_json');
  });

  it('never come back in the error', () => {
    const problem = problemOf(() => read('{"4242424242424242":'));
    expect(JSON.stringify([problem.detail, problem.message])).not.toContain('4242');
  });
});

describe('a payment request', () => {
  const good = { amount: 1250, currency: 'eur', payment_method: 'pm_card_visa' };

  it('is completed and brought to one form', () => {
    expect(validate(paymentRequestSchema, good)).toEqual({
      ...good,
      currency: 'EUR',
      capture_method: 'automatic',
      confirm: 'server',
      customer: null,
      off_session: false,
      setup_future_usage: null,
      return_url: null,
      hold_policy: 'void',
      reference: null,
      once_per_reference: false,
      description: null,
      metadata: {},
    });
  });

  it.each([
    ['no payment method', { payment_method: undefined }, '/payment_method', 'required'],
    ['a payment method chosen here and there', { confirm: 'client' }, '/payment_method'],
    [
      'an absent customer who confirms',
      { confirm: 'client', payment_method: undefined, off_session: true },
      '/off_session',
    ],
    [
      'a return address for nobody',
      { off_session: true, return_url: 'https://shop.example/' },
      '/return_url',
    ],
    ['an address that is none', { return_url: 'javascript:alert(1)' }, '/return_url', 'invalid'],
    ['a card kept with nobody', { setup_future_usage: 'off_session' }, '/setup_future_usage'],
    ['a hold policy without a hold', { hold_policy: 'capture' }, '/hold_policy'],
    ['once for no reference', { once_per_reference: true }, '/once_per_reference'],
    ['hundredths of a thousandth', { currency: 'KWD', amount: 1_251 }, '/amount'],
  ])('refuses %s', (_name, change, pointer, code = 'contradiction') => {
    const problem = problemOf(() => validate(paymentRequestSchema, { ...good, ...change }));
    expect(problem.errors).toEqual([expect.objectContaining({ pointer, code })]);
  });

  it.each(['\u0131sk', 'u\u017fd', 'EURO', 'E R', ''])('takes %j for no currency', (currency) => {
    const problem = problemOf(() => validate(paymentRequestSchema, { ...good, currency }));
    expect(problem.errors[0]).toMatchObject({ pointer: '/currency' });
  });

  it('reports every wrong field at once, but not endlessly', () => {
    const fields = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, n]));
    const check = () => validate(paymentRequestSchema, { ...fields, amount: 0 });
    expect(problemOf(check).errors).toHaveLength(20);
  });

  const withKeys = (count: number) => ({
    ...good,
    metadata: Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v'])),
  });

  it('may carry 49 metadata keys, for the provider keeps 50 and one is ours', () => {
    expect(() => validate(paymentRequestSchema, withKeys(49))).not.toThrow();
    expect(() => validate(paymentRequestSchema, withKeys(50))).toThrow('invalid_request');
  });
});

function problemOf(run: () => unknown): Problem {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
