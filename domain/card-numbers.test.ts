import { containsCardNumber, maskCardNumbers } from './card-numbers';

describe('card numbers', () => {
  it.each([
    '4242424242424242',
    '4242 4242 4242 4242',
    '4242-4242-4242-4242',
    'card 378282246310005 please',
    'card4242424242424242',
    '4242.4242.4242.4242 123',
    '12 4242424242424242',
    '4222222222222',
    '6304000000000000000',
  ])('finds one in %p', (text) => {
    expect(containsCardNumber(text)).toBe(true);
    expect(containsCardNumber(maskCardNumbers(text))).toBe(false);
  });

  it('finds one in full-width digits', () => {
    expect(containsCardNumber('\uff14\uff12'.repeat(8))).toBe(true);
  });

  it('takes no timestamp for one, alone or beside a random number', () => {
    const starts = Array.from({ length: 500 }, (_, index) => 1_763_900_000_000 + index);
    expect(starts.filter((at) => containsCardNumber(String(at)))).toEqual([]);
    const keys = starts.map((at, index) => `${Math.floor(at / 1_000)}-${10_000 + index * 7}`);
    expect(keys.filter(containsCardNumber)).toEqual([]);
  });

  it.each([
    '',
    '4242424242424241',
    '424242424242',
    '42424242424242424242',
    'order-2026-11-23',
    '2026-11-23T12:53:18.130Z',
    '42424242-4242-4242-8242-424242424242',
    'pay_42424242424242424242424242424242',
    '127.0.0.1:38833',
  ])('leaves %p alone', (text) => {
    expect(containsCardNumber(text)).toBe(false);
    expect(maskCardNumbers(text)).toBe(text);
  });

  it('masks only the number, and keeps identifiers beside it', () => {
    const id = 'pay_019df0a2aaaa7bbb8ccc0123456789ab';
    expect(maskCardNumbers(`${id} paid with 4242 4242 4242 4242, exp 12/30; ${id}`)).toBe(
      `${id} paid with [card number], exp 12/30; ${id}`,
    );
  });
});
