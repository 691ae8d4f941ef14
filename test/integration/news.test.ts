import { randomUUID } from 'node:crypto';
import { providerFactWorkflowId } from '../../contracts/workflow-names';
import { eventually } from '../support/eventually';
import { get, send } from './api-rig.fixture';
import { createNewsRig } from './news-rig.fixture';
import type { NewsRig } from './news-rig.fixture';
import { plantRefusal, testBudgets } from './saga-rig.fixture';

let rig: NewsRig;

beforeAll(async () => {
  const waits = { actionMs: 60_000, pollMs: 60_000, holdNoticeMs: 60_000, holdMarginMs: 30_000 };
  rig = await createNewsRig({ budgets: { ...testBudgets, waits } });
});
afterEach(async () => {
  await rig.calm();
  await rig.clearFaults();
});
afterAll(() => rig.close());

const challenged = {
  paymentMethod: 'pm_card_threeDSecure2Required',
  returnUrl: 'https://shop.example/back',
} as const;

async function started(payment: Parameters<NewsRig['accept']>[0], status: string) {
  const paymentId = await rig.accept(payment);
  await rig.start(paymentId);
  const { provider_intent_id: intentId } = await rig.reaches(paymentId, status);
  return { paymentId, intentId: intentId ?? '' };
}

async function paid(payment: Parameters<NewsRig['accept']>[0] = {}) {
  const paymentId = await rig.pay(payment);
  await rig.closed(paymentId);
  const { provider_intent_id: intentId } = await rig.read(paymentId);
  return { paymentId, intentId: intentId ?? '' };
}

/** The intent as somebody at the provider's dashboard would change it. */
async function byHand(route: string, parameters: Record<string, string> = {}) {
  const response = await fetch(`${rig.sandboxUrl}/v1/${route}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_by_hand' },
    body: new URLSearchParams(parameters),
  });
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string; latest_charge: string };
}

const pass = (intentId: string) =>
  rig.control('POST', `payment_intents/${intentId}/authenticate`, { outcome: 'succeed' });

async function charge(intentId: string): Promise<string> {
  const response = await fetch(`${rig.sandboxUrl}/v1/payment_intents/${intentId}`, {
    headers: { authorization: 'Bearer sk_test_by_hand' },
  });
  return ((await response.json()) as { latest_charge: string }).latest_charge;
}

const waiting = () => rig.control('GET', 'webhooks') as Promise<{ waiting: number }>;

describe('webhooks of a payment', () => {
  test('that went by itself are closed without a look, a command or a workflow', async () => {
    const { paymentId, intentId } = await paid();
    await eventually(async () => expect((await waiting()).waiting).toBe(0));
    await rig.sweep();
    const outcomes = (await rig.stored(intentId)).map(({ type, outcome }) => [type, outcome]);
    expect(outcomes).toContainEqual(['payment_intent.succeeded', 'already_shown']);
    expect(outcomes.map(([, outcome]) => outcome)).not.toContain(null);
    const looks = (await rig.requests(intentId)).filter(({ route }) => route.endsWith('retrieve'));
    expect(looks).toEqual([]);
    const history = await rig.handle(paymentId).fetchHistory();
    expect(history.events).toHaveLength(13);
  });

  test('tell the saga that waits for its customer, which looks and ends', async () => {
    const { paymentId, intentId } = await started(challenged, 'requires_action');
    await pass(intentId);
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
    const heard = await rig.heard(intentId, 'payment_intent.succeeded');
    expect(['saga_told', 'already_shown']).toContain(heard.outcome);
  });

  test('three times each and last ones first, charge once and tell once', async () => {
    const { paymentId, intentId } = await started(challenged, 'requires_action');
    await rig.disturb({
      type: '^payment_intent\\.|^charge\\.',
      action: { kind: 'reverse', count: 2 },
    });
    await pass(intentId);
    await rig.settled(paymentId);
    await rig.closed(paymentId);
    await rig.disturb({ times: null, action: { kind: 'duplicate', copies: 2 } });
    await rig.control('POST', `charges/${await charge(intentId)}/dispute`, {});
    await eventually(async () =>
      expect(await rig.facts(paymentId)).toEqual(['payment.dispute_opened.v1']),
    );
    await eventually(async () => expect((await waiting()).waiting).toBe(0));
    const ids = (await rig.stored(intentId)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await rig.facts(paymentId)).toEqual(['payment.dispute_opened.v1']);
    expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, charges: 1 }]);
  });

  test('that are badly signed change nothing, and the next true one does', async () => {
    const { paymentId, intentId } = await started(challenged, 'requires_action');
    await rig.disturb({ type: 'succeeded$', times: null, action: { kind: 'bad_signature' } });
    await pass(intentId);
    await eventually(async () =>
      expect(
        ((await rig.control('GET', 'webhooks')) as { failedAttempts: number }).failedAttempts,
      ).toBeGreaterThan(0),
    );
    expect((await rig.stored(intentId)).map(({ type }) => type)).not.toContain(
      'payment_intent.succeeded',
    );
    expect(await rig.read(paymentId)).toMatchObject({ status: 'requires_action' });
    await rig.catchUp();
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded' });
  });

  test('that come before its row are kept, and applied once it exists', async () => {
    const { paymentId, intentId } = await paid();
    await rig.pool.query('UPDATE payments SET provider_intent_id = NULL WHERE id = $1', [
      paymentId,
    ]);
    const id = `evt_${randomUUID()}`;
    const object = { id: intentId, object: 'payment_intent', status: 'succeeded', metadata: {} };
    const created = Math.floor(Date.now() / 1000);
    const early = { id, type: 'payment_intent.succeeded', created, data: { object } };
    expect(await rig.send(early)).toBe(200);
    await rig.sweep();
    const own = async () => (await rig.stored(intentId)).find((event) => event.id === id);
    expect(await own()).toMatchObject({ outcome: null, processed: false });
    await rig.pool.query('UPDATE payments SET provider_intent_id = $2 WHERE id = $1', [
      paymentId,
      intentId,
    ]);
    await rig.sweep();
    expect(await own()).toMatchObject({ outcome: 'already_shown', processed: true });
  });

  test('of nobody here are put aside after an hour; one that names ours is kept', async () => {
    const strange = { id: 'pi_strange', object: 'payment_intent', status: 'succeeded' };
    const created = Math.floor(Date.now() / 1000);
    const event = { type: 'payment_intent.succeeded', created };
    const metadata = { paysaga_payment_id: 'pay_gone' };
    await rig.send({ ...event, id: 'evt_strange', data: { object: strange } });
    await rig.send({ ...event, id: 'evt_gone', data: { object: { ...strange, metadata } } });
    await rig.sweep();
    const outcomes = async () =>
      (await rig.stored('pi_strange')).map(({ id, outcome, processed }) => [
        id,
        outcome,
        processed,
      ]);
    expect(await outcomes()).toEqual([
      ['evt_strange', null, false],
      ['evt_gone', null, false],
    ]);
    await rig.pool.query(
      `UPDATE stripe_events SET received_at = received_at - interval '61 minutes'
       WHERE provider_intent_id = 'pi_strange'`,
    );
    await rig.sweep();
    expect(await outcomes()).toEqual([
      ['evt_strange', 'not_ours', true],
      ['evt_gone', 'lost', false],
    ]);
    expect(await rig.sweep()).toBe(0);
  });
});

describe('money that comes after the end', () => {
  test('parks a payment that had failed, with what arrived in its books', async () => {
    const { paymentId, intentId } = await started(challenged, 'requires_action');
    await pass(intentId);
    await rig.settled(paymentId);
    await rig.closed(paymentId);
    await rewind(paymentId);
    const id = `evt_${randomUUID()}`;
    const object = { id: intentId, object: 'payment_intent', status: 'succeeded' };
    const created = Math.floor(Date.now() / 1000) - 3 * 86_400;
    const late = { id, type: 'payment_intent.succeeded', created, data: { object } };
    expect(await rig.send(late)).toBe(200);
    expect(await rig.reaches(paymentId, 'needs_review')).toMatchObject({
      captured: 1_250,
      refunded: 0,
      failure_code: 'money_came_late',
    });
    expect(await rig.send({ ...late, id: `evt_${randomUUID()}` })).toBe(200);
    expect(await rig.read(paymentId)).toMatchObject({ status: 'needs_review', version: 5 });
  });

  /** As if the charge had not been seen: failed, with nothing captured. */
  async function rewind(paymentId: string) {
    await rig.pool.query(
      `WITH updated AS (
         UPDATE payments SET status = 'failed', captured_minor = 0, failure_code = 'x',
           failure_message = 'x' WHERE id = $1 RETURNING id, version)
       INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
       SELECT id, version, side.account, side.amount, 'EUR' FROM updated,
         (VALUES ('provider_balance', -1250), ('merchant_payable', 1250)) AS side(account, amount)`,
      [paymentId],
    );
  }

  test('by a compensating refund that fails after it had succeeded parks the payment', async () => {
    const paymentId = await rig.accept();
    await plantRefusal(rig, paymentId);
    await rig.start(paymentId);
    const undone = { status: 'failed', captured: 1_250, refunded: 1_250 };
    expect(await rig.settled(paymentId)).toMatchObject(undone);
    const { rows } = await rig.pool.query<{ id: string }>(
      'SELECT provider_refund_id AS id FROM refunds WHERE payment_id = $1',
      [paymentId],
    );
    await rig.control('POST', `refunds/${rows[0]?.id}`, { status: 'failed' });
    expect(await rig.reaches(paymentId, 'needs_review')).toMatchObject({
      captured: 1_250,
      refunded: 0,
      failure_code: 'refund_failed_late',
    });
  });

  test('is not money that was given back: a compensated payment stays as it is', async () => {
    const { paymentId, intentId } = await paid();
    await byHand('refunds', { payment_intent: intentId });
    await rig.heard(intentId, 'refund.created');
    await rig.pool.query(
      `UPDATE payments SET status = 'failed', failure_code = 'x', failure_message = 'x'
       WHERE id = $1`,
      [paymentId],
    );
    await rig.applying.sagas.factApplied({ paymentId, cause: randomUUID(), limitMs: 10_000 });
    expect(await rig.read(paymentId)).toMatchObject({ status: 'failed' });
  });
});

describe('what is done at the provider by hand', () => {
  test('a refund is recorded, told once and in the figures', async () => {
    const { paymentId, intentId } = await paid();
    await byHand('refunds', { payment_intent: intentId, amount: '500' });
    await rig.heard(intentId, 'refund.created');
    await eventually(async () =>
      expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', refunded: 500 }),
    );
    expect(await rig.facts(paymentId)).toEqual(['refund.succeeded.v1']);
  });

  test('a capture is taken over by the saga that holds', async () => {
    const { paymentId, intentId } = await started({ captureMethod: 'manual' }, 'authorized');
    await byHand(`payment_intents/${intentId}/capture`, { amount_to_capture: '700' });
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded', captured: 700 });
  });

  test('a cancel is written down although the saga was ended from outside', async () => {
    const { paymentId, intentId } = await started({ captureMethod: 'manual' }, 'authorized');
    await rig.handle(paymentId).terminate('planted');
    await byHand(`payment_intents/${intentId}/cancel`);
    expect(await rig.reaches(paymentId, 'canceled')).toMatchObject({ held: 0 });
    expect(await rig.heard(intentId, 'payment_intent.canceled')).toMatchObject({
      outcome: 'fact_started',
    });
  });
});

describe('a dispute', () => {
  test('is shown on the payment, and told when it opens and when it closes', async () => {
    const { paymentId, intentId } = await paid();
    const dispute = (await rig.control('POST', `charges/${await charge(intentId)}/dispute`, {
      reason: 'product_not_received',
    })) as { id: string };
    await eventually(async () => expect(await rig.facts(paymentId)).toHaveLength(1));
    await rig.control('POST', `disputes/${dispute.id}/close`, { outcome: 'lost' });
    await eventually(async () =>
      expect(await rig.facts(paymentId)).toEqual([
        'payment.dispute_opened.v1',
        'payment.dispute_closed.v1',
      ]),
    );
    const shown = await get(`${rig.api.url}/v1/payments/${paymentId}`, await rig.apiKey());
    expect(shown.json().disputes).toEqual([
      expect.objectContaining({
        id: dispute.id,
        status: 'lost',
        reason: 'product_not_received',
        amount: 1_250,
        closed_at: expect.any(String),
      }),
    ]);
  });
});

describe('webhooks that never come', () => {
  test('are caught up from the list of events, once', async () => {
    await rig.disturb({ times: null, action: { kind: 'drop' } });
    const { paymentId, intentId } = await started(challenged, 'requires_action');
    const { paymentId: disputed, intentId: disputedIntent } = await paid();
    await pass(intentId);
    await rig.control('POST', `charges/${await charge(disputedIntent)}/dispute`, {});
    expect(await rig.stored(intentId)).toEqual([]);
    const first = await rig.catchUp();
    expect(first).toMatchObject({ isCaughtUp: true });
    expect(first.added).toBeGreaterThanOrEqual(3);
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded' });
    await eventually(async () =>
      expect(await rig.facts(disputed)).toEqual(['payment.dispute_opened.v1']),
    );
    expect(await rig.catchUp()).toEqual({ added: 0, isCaughtUp: true });
  });
});

describe('synchronizing', () => {
  const sync = async (paymentId: string, key: string = randomUUID()) =>
    send(`${rig.api.url}/v1/payments/${paymentId}/sync`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await rig.apiKey()}`, 'idempotency-key': key },
    });

  test('a payment that waits is answered as its saga finds it', async () => {
    await rig.disturb({ times: null, action: { kind: 'drop' } });
    const { paymentId, intentId } = await started(challenged, 'requires_action');
    await pass(intentId);
    const answer = await sync(paymentId);
    expect([answer.status, answer.json().status]).toEqual([200, 'succeeded']);
  });

  test('a payment that has ended is answered with what was done since', async () => {
    await rig.disturb({ times: null, action: { kind: 'drop' } });
    const { paymentId, intentId } = await paid();
    await byHand('refunds', { payment_intent: intentId, amount: '300' });
    const key = randomUUID();
    const answer = await sync(paymentId, key);
    expect([answer.status, answer.json().amount_refunded]).toEqual([200, 300]);
    const again = await sync(paymentId, key);
    expect(again.text).toBe(answer.text);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  });

  test('is a 503 while the provider is away, and the same key ends in the answer', async () => {
    const { paymentId } = await paid();
    await rig.fault({
      match: { route: 'payment_intents.retrieve' },
      times: null,
      action: { kind: 'status', status: 503 },
    });
    const key = randomUUID();
    const away = await sync(paymentId, key);
    expect([away.status, away.json().code]).toEqual([503, 'service_unavailable']);
    await rig.clearFaults();
    await eventually(async () => expect((await sync(paymentId, key)).status).toBe(200), {
      timeoutMs: 20_000,
    });
  });

  test("another merchant's payment is not found, and a key is needed", async () => {
    const { paymentId } = await paid();
    const stranger = await rig.api.newKey('mer_stranger');
    const answer = await send(`${rig.api.url}/v1/payments/${paymentId}/sync`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stranger}`, 'idempotency-key': 'k' },
    });
    expect(answer.status).toBe(404);
    const keyless = await send(`${rig.api.url}/v1/payments/${paymentId}/sync`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await rig.apiKey()}` },
    });
    expect([keyless.status, keyless.json().code]).toEqual([400, 'idempotency_key_missing']);
  });
});

test('an event is applied by one workflow, whose id names it', async () => {
  const { paymentId } = await paid();
  const cause = `evt_${randomUUID()}`;
  const fact = { paymentId, cause };
  await Promise.all([1, 2, 3].map(() => rig.applying.sagas.applyFact(fact)));
  const handle = rig.temporal.workflow.getHandle(providerFactWorkflowId(cause));
  expect(await handle.result()).toEqual({ status: 'succeeded', changed: [] });
  const { runId } = await handle.describe();
  await rig.applying.sagas.applyFact(fact);
  expect((await handle.describe()).runId).toBe(runId);
});
