import { connectStripe } from '../../adapters/stripe/stripe-provider';
import { createSagaRig, testBudgets } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

let rig: SagaRig;

beforeAll(async () => {
  const waits = { actionMs: 60_000, pollMs: 60_000, holdNoticeMs: 60_000, holdMarginMs: 30_000 };
  rig = await createSagaRig({ budgets: { ...testBudgets, waits } });
});

afterAll(() => rig.close());

const manual = { captureMethod: 'manual' } as const;
const challenged = {
  paymentMethod: 'pm_card_threeDSecure2Required',
  returnUrl: 'https://shop.example/back',
} as const;

async function held(): Promise<string> {
  const paymentId = await rig.accept(manual);
  await rig.start(paymentId);
  await rig.reaches(paymentId, 'authorized');
  return paymentId;
}

async function inChallenge(): Promise<{ paymentId: string; intentId: string }> {
  const paymentId = await rig.accept(challenged);
  await rig.start(paymentId);
  const payment = await rig.reaches(paymentId, 'requires_action');
  return { paymentId, intentId: payment.provider_intent_id ?? '' };
}

async function books(paymentId: string) {
  const { rows } = await rig.pool.query<{ account: string; sum: number }>(
    `SELECT account, sum(amount_minor)::int AS sum FROM ledger_entries
     WHERE payment_id = $1 GROUP BY account HAVING sum(amount_minor) <> 0 ORDER BY account`,
    [paymentId],
  );
  return rows.map(({ account, sum }) => [account, sum]);
}

async function events(paymentId: string): Promise<string[]> {
  const { rows } = await rig.pool.query<{ type: string }>(
    'SELECT type FROM outbox_events WHERE aggregate_id = $1 ORDER BY seq',
    [paymentId],
  );
  return rows.map(({ type }) => type);
}

describe('a hold', () => {
  test('is kept in the books until a part of it is captured and the rest released', async () => {
    const paymentId = await held();
    expect(await rig.read(paymentId)).toMatchObject({ held: 1_250, captured: 0 });
    expect(await books(paymentId)).toEqual([
      ['held_by_issuer', 1_250],
      ['hold_owed', -1_250],
    ]);
    const requestId = await rig.ask(paymentId, 'capture', 700);
    expect(await rig.settled(paymentId)).toMatchObject({
      status: 'succeeded',
      held: 0,
      captured: 700,
    });
    expect(await rig.request(requestId)).toEqual({ state: 'done', refusal: null });
    expect(await rig.ledger(paymentId)).toMatchObject([{ held: 0, captured: 700, charges: 1 }]);
    expect(await books(paymentId)).toEqual([
      ['merchant_payable', -700],
      ['provider_balance', 700],
    ]);
    expect(await events(paymentId)).toEqual([
      'payment.processing.v1',
      'payment.authorized.v1',
      'payment.succeeded.v1',
    ]);
  });

  test('is released by a cancel', async () => {
    const paymentId = await held();
    const requestId = await rig.ask(paymentId, 'cancel');
    expect(await rig.settled(paymentId)).toMatchObject({
      status: 'canceled',
      held: 0,
      failure_code: 'canceled_on_request',
    });
    expect(await rig.request(requestId)).toMatchObject({ state: 'done' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled', held: 0 }]);
    expect(await books(paymentId)).toEqual([]);
  });

  test('that lapses at the provider ends canceled as soon as that is heard of', async () => {
    const paymentId = await held();
    await rig.control('POST', 'clock', { advanceMs: 8 * 86_400_000 });
    await rig.news(paymentId);
    expect(await rig.settled(paymentId)).toMatchObject({
      status: 'canceled',
      failure_code: 'hold_expired',
      held: 0,
    });
    expect(await books(paymentId)).toEqual([]);
  });

  test('a capture whose answer is lost is captured once', async () => {
    const paymentId = await held();
    await rig.fault({
      match: { route: 'payment_intents.capture', idempotencyKey: paymentId },
      times: 2,
      action: { kind: 'apply_then_reset' },
    });
    await rig.ask(paymentId, 'capture', 1_250);
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
    expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, charges: 1 }]);
  });

  test('a capture that is refused for good lets the hold go', async () => {
    const paymentId = await held();
    await rig.fault({
      match: { route: 'payment_intents.capture', idempotencyKey: paymentId },
      times: null,
      action: { kind: 'status', status: 401 },
    });
    const requestId = await rig.ask(paymentId, 'capture', 1_250);
    expect(await rig.settled(paymentId)).toMatchObject({
      status: 'failed',
      failure_code: 'capture_failed',
    });
    await rig.clearFaults();
    expect(await rig.request(requestId)).toMatchObject({ state: 'refused' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled', held: 0 }]);
  });
});

describe('a challenge', () => {
  test('that is passed ends in a charge, heard of by a webhook', async () => {
    const { paymentId, intentId } = await inChallenge();
    await rig.control('POST', `payment_intents/${intentId}/authenticate`, { outcome: 'succeed' });
    await rig.news(paymentId);
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
  });

  test('that is lost ends failed, and its intent is closed', async () => {
    const { paymentId, intentId } = await inChallenge();
    await rig.control('POST', `payment_intents/${intentId}/authenticate`, { outcome: 'fail' });
    await rig.news(paymentId);
    expect(await rig.settled(paymentId)).toMatchObject({
      status: 'failed',
      failure_code: 'payment_intent_authentication_failure',
    });
    expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled' }]);
  });

  test('can be called off', async () => {
    const { paymentId } = await inChallenge();
    const requestId = await rig.ask(paymentId, 'cancel');
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'canceled' });
    expect(await rig.request(requestId)).toMatchObject({ state: 'done' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled' }]);
  });

  test('of a hold ends in the hold', async () => {
    const paymentId = await rig.accept({ ...challenged, ...manual });
    await rig.start(paymentId);
    const { provider_intent_id: intentId } = await rig.reaches(paymentId, 'requires_action');
    await rig.control('POST', `payment_intents/${intentId}/authenticate`, { outcome: 'succeed' });
    await rig.news(paymentId);
    expect(await rig.reaches(paymentId, 'authorized')).toMatchObject({ held: 1_250 });
  });
});

describe('a confirmation in the browser', () => {
  test('is waited for, and may fail with one card before it succeeds with another', async () => {
    const paymentId = await rig.accept({ confirmation: 'client', paymentMethod: null });
    await rig.start(paymentId);
    const { provider_intent_id: intentId } = await rig.reaches(paymentId, 'requires_action');
    expect(intentId).toMatch(/^pi_/);
    const confirm = (payment_method: string) =>
      fetch(`${rig.sandboxUrl}/v1/payment_intents/${intentId}/confirm`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk_test_browser' },
        body: new URLSearchParams({ payment_method, return_url: 'https://shop.example/' }),
      });
    expect((await confirm('pm_card_chargeDeclined')).status).toBe(402);
    await rig.news(paymentId);
    expect((await confirm('pm_card_visa')).status).toBe(200);
    await rig.news(paymentId);
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
  });
});

describe('requests', () => {
  test.each([true, false])(
    'a cancel that is there before the saga ends it without a charge (compensation %p)',
    async (compensation) => {
      const paymentId = await rig.accept({ flags: { compensation } });
      const requestId = await rig.ask(paymentId, 'cancel');
      expect(await rig.settled(paymentId)).toMatchObject({
        status: 'canceled',
        failure_code: 'canceled_on_request',
      });
      expect(await rig.request(requestId)).toMatchObject({ state: 'done' });
      expect(await rig.ledger(paymentId)).toEqual([]);
    },
  );

  test('a workflow from before holds is never answered with one', async () => {
    const paymentId = await rig.accept(manual);
    await expect(rig.activities.authorizePayment({ paymentId })).rejects.toMatchObject({
      type: 'ProviderRejected',
    });
    const challengedId = await rig.accept(challenged);
    const answer = await rig.activities.authorizePayment({ paymentId: challengedId });
    expect(answer).toEqual({ kind: 'requires_action' });
  });

  test('a request that reaches no saga any more is refused', async () => {
    const paymentId = await rig.pay();
    await rig.closed(paymentId);
    const requestId = await rig.ask(paymentId, 'cancel');
    expect(await rig.request(requestId)).toMatchObject({ state: 'refused' });
    expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
  });
});

test('a card that a customer leaves is charged later, without the customer', async () => {
  const stripe = connectStripe({
    apiKey: 'sk_test_rig',
    apiUrl: rig.sandboxUrl,
    timeoutMs: 2_000,
  });
  const { id: customer } = await stripe.customers.create({});
  const first = await rig.pay({ customer, setupFutureUsage: 'off_session' });
  const { provider_intent_id: intentId } = await rig.read(first);
  const { payment_method: saved } = await stripe.paymentIntents.retrieve(intentId ?? '');
  const paymentMethod = typeof saved === 'string' ? saved : '';
  expect(paymentMethod).toMatch(/^pm_/);
  const later = await rig.pay({ customer, paymentMethod, offSession: true });
  expect(await rig.read(later)).toMatchObject({ status: 'succeeded', captured: 1_250 });
  const withoutCustomer = await rig.pay({ paymentMethod, offSession: true });
  expect(await rig.read(withoutCustomer)).toMatchObject({
    status: 'failed',
    failure_code: 'provider_rejected',
  });
});
