import type { FeatureFlags } from '../contracts/flags';
import type { PaymentRequest } from '../contracts/payment-request';
import { createAcceptPayment } from './accept-payment';
import type { AcceptPaymentDeps } from './accept-payment';
import { bodySha256 } from './idempotency';
import type { StoredKey } from './ports/idempotency-store';

const request: PaymentRequest = {
  amount: 1_250,
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
  metadata: {},
};
const answer = { statusCode: 201, headers: {}, body: '{"id":"pay_1"}' };
const allOn: FeatureFlags = {
  asyncCommands: true,
  outboxPattern: true,
  retryLogic: true,
  compensation: true,
};

const stored = (lock: StoredKey['lock']): StoredKey => ({
  bodySha256: bodySha256(request),
  answer,
  subjectId: 'pay_1',
  lock,
});

/** A key that was used before; it reads as told, one answer after the other, and is never ours. */
function acceptOver(reads: StoredKey['lock'][]) {
  const cached: unknown[] = [];
  const deps: Partial<AcceptPaymentDeps> = {
    flags: allOn,
    lockMs: 30_000,
    waitCapMs: 20_000,
    clock: { now: () => new Date(0) },
    ids: { uuid: () => '01890000-0000-7000-8000-000000000000' },
    cache: { get: async () => null, put: async (_, entry) => void cached.push(entry) },
    intake: {
      accept: async () => ({ kind: 'key_taken' }),
      markEventPublished: async () => undefined,
    },
    keys: {
      read: async () => {
        const lock = reads.shift();
        return lock === undefined ? null : stored(lock);
      },
      relock: async () => false,
      release: async () => undefined,
      conclude: async () => false,
    },
  };
  const scope = { merchantId: 'mer_1', method: 'POST', path: '/v1/payments', key: 'k' };
  const command = { scope, request, waitSeconds: 5, traceparent: null };
  const accept = createAcceptPayment(deps as AcceptPaymentDeps);
  return { result: accept(command), cached };
}

test('a repeat that finds the answer made final meanwhile gets that answer', async () => {
  const { result, cached } = acceptOver([{ kind: 'lapsed' }, { kind: 'final' }]);
  expect(await result).toEqual({ answer, replayed: true });
  expect(cached).toEqual([{ bodySha256: bodySha256(request), answer }]);
});

test('a repeat that finds the key taken over meanwhile is told to wait', async () => {
  const { result } = acceptOver([{ kind: 'lapsed' }, { kind: 'held', remainingMs: 2_000 }]);
  await expect(result).rejects.toMatchObject({ code: 'idempotency_key_in_progress' });
});
