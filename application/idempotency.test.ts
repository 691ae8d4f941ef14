import type { PaymentRequest } from '../contracts/payment-request';
import { RequestRefused } from './errors';
import { bodySha256, decideRepeated } from './idempotency';
import type { StoredKey } from './ports/idempotency-store';

const request: PaymentRequest = {
  amount: 1250,
  currency: 'EUR',
  payment_method: 'pm_card_visa',
  capture_method: 'automatic',
  reference: null,
  description: null,
  metadata: { a: '1', b: '2' },
};
const sha256 = bodySha256(request);
const stored: StoredKey = {
  bodySha256: sha256,
  answer: { statusCode: 202, headers: {}, body: '{}' },
  paymentId: 'pay_1',
  lock: { kind: 'final' },
};

describe('the hash of a body', () => {
  it('does not depend on the order of fields', () => {
    const { metadata: _, ...rest } = request;
    expect(bodySha256({ metadata: { b: '2', a: '1' }, ...rest })).toBe(sha256);
  });

  it.each<Partial<PaymentRequest>>([
    { amount: 1251 },
    { currency: 'USD' },
    { reference: 'null' },
    { metadata: { a: '1' } },
    { metadata: { a: '1,"b":"2"' } },
  ])('changes with %p', (change) => {
    expect(bodySha256({ ...request, ...change })).not.toBe(sha256);
  });
});

describe('a repeated key', () => {
  it('gets the stored answer', () => {
    expect(decideRepeated(stored, sha256)).toEqual({ kind: 'replay', answer: stored.answer });
  });

  it('is refused for another body, even while it is locked', () => {
    const held: StoredKey = { ...stored, lock: { kind: 'held', remainingMs: 5_000 } };
    for (const key of [stored, held]) {
      expect(() => decideRepeated(key, 'other')).toThrow('idempotency_key_reused');
    }
  });

  it('is told when to come back while its first request waits', () => {
    const held: StoredKey = { ...stored, lock: { kind: 'held', remainingMs: 1_200 } };
    const refused = expect.objectContaining({
      code: 'idempotency_key_in_progress',
      retryAfterSeconds: 2,
    });
    expect(() => decideRepeated(held, sha256)).toThrow(RequestRefused);
    expect(() => decideRepeated(held, sha256)).toThrow(refused);
  });

  it('is answered from the payment when its first request was lost', () => {
    const lapsed: StoredKey = { ...stored, lock: { kind: 'lapsed' } };
    expect(decideRepeated(lapsed, sha256)).toEqual({ kind: 'resume', paymentId: 'pay_1' });
  });
});
