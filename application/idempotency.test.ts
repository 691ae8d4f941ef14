import type { PaymentRequest } from '../contracts/payment-request';
import { RequestRefused } from './errors';
import { bodySha256, decideRepeated } from './idempotency';
import type { StoredKey } from './ports/idempotency-store';

const request: PaymentRequest = {
  amount: 1250,
  currency: 'EUR',
  payment_method: 'pm_card_visa',
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
  metadata: { a: '1', b: '2' },
};
const sha256 = bodySha256(request);
const stored: StoredKey = {
  bodySha256: sha256,
  answer: { statusCode: 202, headers: {}, body: '{}' },
  subjectId: 'pay_1',
  lock: { kind: 'final' },
};

describe('the hash of a body', () => {
  it('does not depend on the order of fields', () => {
    const { metadata: _, ...rest } = request;
    expect(bodySha256({ metadata: { b: '2', a: '1' }, ...rest })).toBe(sha256);
  });

  it('is that of the same request from before the later fields existed', () => {
    const { amount, currency, payment_method, capture_method, metadata } = request;
    const old = { amount, currency, payment_method, capture_method, metadata };
    expect(bodySha256({ ...old, reference: null, description: null })).toBe(sha256);
    expect(bodySha256({ ...request, off_session: true })).not.toBe(sha256);
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
    expect(decideRepeated(lapsed, sha256)).toEqual({ kind: 'resume', subjectId: 'pay_1' });
  });
});
