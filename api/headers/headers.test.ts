import { parseBearer } from './bearer';
import { parseIdempotencyKey } from './idempotency-key';
import { parsePreferWait } from './prefer-wait';
import { parseTraceparent } from './traceparent';

describe('Prefer: wait', () => {
  it.each([
    ['wait=10', 10],
    ['respond-async, wait=10', 10],
    ['wait=10;foo="a;b"', 10],
    ['Wait = "7"', 7],
    ['wait=0', 0],
    ['wait=3, wait=9', 3],
    ['handling=strict', null],
    ['wait', null],
    ['wait=', null],
    ['wait=-1', null],
    ['wait=1.5', null],
    ['wait=x, wait=5', null],
    ['waiting=5', null],
    ['wait=99999999999', null],
    ['', null],
    [undefined, null],
  ])('of %p is %p', (header, seconds) => {
    expect(parsePreferWait(header)).toBe(seconds);
  });
});

describe('Idempotency-Key', () => {
  it.each(['k', '!~', 'k'.repeat(255), '3f1d-"x"'])('%.20p is taken', (key) => {
    expect(parseIdempotencyKey(key)).toBe(key);
  });

  it.each([undefined, '', ' ', 'a b', 'k'.repeat(256), 'k\u00e9', 'a, b', '4242424242424242'])(
    '%.20p is refused',
    (key) => {
      expect(() => parseIdempotencyKey(key)).toThrow(/idempotency_key|card_number/);
    },
  );
});

describe('Authorization', () => {
  it('gives the key whatever the case of the scheme', () => {
    expect(parseBearer('bearer psk_abcdefghijklmnop')).toBe('psk_abcdefghijklmnop');
  });

  it.each([undefined, '', 'psk_abcdefghijklmnop', 'Bearer sk_test_abcdefghijkl', 'Bearer psk_x'])(
    '%p is refused',
    (header) => {
      expect(() => parseBearer(header)).toThrow('unauthenticated');
    },
  );
});

describe('traceparent', () => {
  const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  it('is taken when it is valid', () => {
    expect(parseTraceparent(valid)).toBe(valid);
  });

  it.each([
    undefined,
    '',
    valid.toUpperCase(),
    `${valid}-x`,
    valid.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)),
    valid.replace('00f067aa0ba902b7', '0'.repeat(16)),
    valid.replace(/^00/, 'ff'),
  ])('%p is ignored', (header) => {
    expect(parseTraceparent(header)).toBeNull();
  });
});
