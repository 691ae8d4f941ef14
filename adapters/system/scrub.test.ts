import { scrub } from './scrub';

describe('a log line', () => {
  it.each([
    ['psk_0aZ-_bcdefghijklmnop', 'psk_[redacted]'],
    ['sk_test_51abcDEF', 'sk_test_[redacted]'],
    ['rk_live_51abcDEF', 'rk_live_[redacted]'],
    ['whsec_a+b/c==', 'whsec_[redacted]'],
    ['pi_123_secret_456', 'pi_123_secret_[redacted]'],
    ['postgresql://user:pass@db:5432/x', 'postgresql://user:[redacted]@db:5432/x'],
    ['redis://:pass@cache:6379', 'redis://:[redacted]@cache:6379'],
    ['Authorization: Bearer abcdefghij', 'Authorization: Bearer [redacted]'],
    ['4242 4242 4242 4242', '[card number]'],
  ])('carries no %p', (text, scrubbed) => {
    expect(scrub(`{"msg":"x ${text} y"}`)).toBe(`{"msg":"x ${scrubbed} y"}`);
  });

  it('keeps ids, times and amounts as they are', () => {
    const line =
      '{"time":"2026-11-23T12:53:18.130Z","payment_id":"pay_019df0a2aaaa7bbb8ccc012345678901","amount":4200}';
    expect(scrub(line)).toBe(line);
  });
});
