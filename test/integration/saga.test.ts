import { processPaymentWorkflowId } from '../../contracts/workflow-names';
import { eventually } from '../support/eventually';
import { createSagaRig, plantRefusal, testBudgets } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

jest.setTimeout(60_000);

let rig: SagaRig;

beforeAll(async () => {
  rig = await createSagaRig();
});

afterEach(() => rig.clearFaults());
afterAll(() => rig?.close());

async function transitions(paymentId: string) {
  const { rows } = await rig.pool.query(
    'SELECT to_status, event_id FROM payment_transitions WHERE payment_id = $1 ORDER BY version',
    [paymentId],
  );
  return rows as { to_status: string; event_id: string }[];
}

test('a payment succeeds with one charge, and every transition has its event', async () => {
  const paymentId = await rig.pay();
  expect(await rig.read(paymentId)).toMatchObject({
    status: 'succeeded',
    version: 3,
    captured: 1_250,
    refunded: 0,
    failure_code: null,
  });
  expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, charges: 1, refunded: 0 }]);
  const history = await transitions(paymentId);
  expect(history.map((row) => row.to_status)).toEqual(['pending', 'processing', 'succeeded']);
  const { rows } = await rig.pool.query(
    'SELECT id, type, aggregate_version, payload FROM outbox_events WHERE aggregate_id = $1 ORDER BY seq',
    [paymentId],
  );
  expect(rows.map((row) => [row.id, row.type, row.aggregate_version])).toEqual([
    [history[1]?.event_id, 'payment.processing.v1', 2],
    [history[2]?.event_id, 'payment.succeeded.v1', 3],
  ]);
  expect(rows[1].payload).toMatchObject({
    type: 'payment.succeeded.v1',
    sequence: '3',
    data: { payment_id: paymentId, amount_captured: 1_250, status: 'succeeded' },
  });
});

test('a succeeded payment costs thirteen history events and two calls to the provider', async () => {
  const paymentId = await rig.pay();
  await rig.closed(paymentId);
  const history = await rig.handle(paymentId).fetchHistory();
  const { provider_intent_id } = await rig.read(paymentId);
  const calls = await rig.requests(provider_intent_id ?? '');
  expect(calls.map((call) => [call.route, call.idempotencyKey])).toEqual([
    ['payment_intents.create', `${paymentId}:create:1`],
    ['payment_intents.confirm', `${paymentId}:confirm:1`],
  ]);
  expect(history.events).toHaveLength(13);
});

test('a decline ends failed with its codes, without a retry, and with the intent canceled', async () => {
  const paymentId = await rig.pay({
    paymentMethod: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  });
  expect(await rig.read(paymentId)).toMatchObject({
    status: 'failed',
    failure_code: 'card_declined',
    decline_code: 'insufficient_funds',
    captured: 0,
  });
  expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled', captured: 0 }]);
  const { provider_intent_id } = await rig.read(paymentId);
  const calls = await rig.requests(provider_intent_id ?? '');
  expect(calls.filter((call) => call.route === 'payment_intents.confirm')).toHaveLength(1);
});

test('an absent customer who has to authenticate is told of in the failure, and the intent is closed', async () => {
  const paymentId = await rig.pay({
    paymentMethod: 'pm_card_authenticationRequired',
    offSession: true,
  });
  expect(await rig.read(paymentId)).toMatchObject({
    status: 'failed',
    failure_code: 'authentication_required',
  });
  expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled' }]);
});

test('two answers of 500 are outlived with one charge', async () => {
  const paymentId = await rig.accept();
  await rig.fault({
    match: { route: 'payment_intents.confirm', idempotencyKey: paymentId },
    times: 2,
    action: { kind: 'status', status: 500 },
  });
  await rig.start(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded' });
  expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 1, captured: 1_250 }]);
});

test.each([
  ['create', { kind: 'apply_then_reset' }],
  ['confirm', { kind: 'apply_then_reset' }],
  ['confirm', { kind: 'reset_before' }],
  ['confirm', { kind: 'malformed_body', body: 'truncated' }],
  ['confirm', { kind: 'malformed_body', body: 'html' }],
  ['confirm', { kind: 'apply_then_hang' }],
  ['create', { kind: 'status', status: 500, stored: true }],
  ['confirm', { kind: 'status', status: 500, stored: true }],
  ['confirm', { kind: 'status', status: 500, stored: true, applied: true }],
  ['confirm', { kind: 'status', status: 429 }],
  ['confirm', { kind: 'status', status: 409, code: 'idempotency_key_in_use' }],
])('a lost or strange answer to %s (%j) leads to exactly one charge', async (operation, action) => {
  const paymentId = await rig.accept();
  await rig.fault({
    match: { route: `payment_intents.${operation}`, idempotencyKey: paymentId },
    action,
  });
  await rig.start(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
  const lines = await rig.ledger(paymentId);
  expect(lines.reduce((sum, line) => sum + line.charges, 0)).toBe(1);
  expect(lines.reduce((sum, line) => sum + line.captured, 0)).toBe(1_250);
});

test('a recording that is refused for good after the charge gives the money back', async () => {
  const paymentId = await rig.accept();
  await plantRefusal(rig, paymentId);
  await rig.start(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({
    status: 'failed',
    failure_code: 'recording_failed',
    captured: 1_250,
    refunded: 1_250,
  });
  expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, refunded: 1_250 }]);
  const { rows } = await rig.pool.query(
    'SELECT status, reason, amount_minor::int AS amount FROM refunds WHERE payment_id = $1',
    [paymentId],
  );
  expect(rows).toEqual([{ status: 'succeeded', reason: 'compensation', amount: 1_250 }]);
});

test('a provider that stays away ends the payment failed within its budget, with nothing charged', async () => {
  const paymentId = await rig.accept();
  await rig.fault({
    match: { idempotencyKey: `${paymentId}:(create|confirm)` },
    times: null,
    action: { kind: 'reset_before' },
  });
  await rig.start(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({
    status: 'failed',
    failure_code: 'provider_unavailable',
    captured: 0,
  });
});

test('a redelivered command after the saga closed makes no second intent', async () => {
  const paymentId = await rig.pay();
  await rig.closed(paymentId);
  expect(await rig.start(paymentId)).toBe('already_completed');
  expect(await rig.ledger(paymentId)).toHaveLength(1);
});

test('a saga that is run again for an ended payment makes no call to the provider', async () => {
  const paymentId = await rig.pay();
  const { provider_intent_id } = await rig.read(paymentId);
  const before = await rig.requests(provider_intent_id ?? '');
  await rig.temporal.workflow.execute('processPayment', {
    workflowId: `${processPaymentWorkflowId(paymentId)}:again`,
    taskQueue: rig.taskQueue,
    args: [await inputOf(paymentId)],
  });
  expect(await rig.requests(provider_intent_id ?? '')).toHaveLength(before.length);
  expect(await transitions(paymentId)).toHaveLength(3);
});

test('two runs of the saga at once charge once', async () => {
  const paymentId = await rig.accept();
  const input = await inputOf(paymentId);
  await Promise.all(
    [1, 2, 3].map((run) =>
      rig.temporal.workflow.execute('processPayment', {
        workflowId: `${processPaymentWorkflowId(paymentId)}:run${run}`,
        taskQueue: rig.taskQueue,
        args: [input],
      }),
    ),
  );
  expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', version: 3 });
  expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 1 }]);
});

test('a payment whose command was lost is picked up by the sweeper', async () => {
  const paymentId = await rig.accept();
  await rig.pool.query(
    "UPDATE payments SET updated_at = now() - interval '1 minute' WHERE id = $1",
    [paymentId],
  );
  const fresh = await rig.accept();
  await rig.activities.sweepUnsettled({ pendingAfterMs: 30_000, processingAfterMs: 900_000 });
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded' });
  expect(await rig.read(fresh)).toMatchObject({ status: 'pending' });
});

test('a payment that cannot be released waits for an operator, and a retry of the undo ends it', async () => {
  const paymentId = await rig.accept();
  await plantRefusal(rig, paymentId);
  await rig.fault({
    match: { route: 'refunds.create', idempotencyKey: paymentId },
    times: null,
    action: { kind: 'status', status: 503 },
  });
  await rig.start(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'needs_review', captured: 1_250 });
  const handle = rig.handle(paymentId);
  const parked = await eventually(async () => {
    const view = await handle.query('getPayment');
    expect(view).toMatchObject({ status: 'needs_review', step: 'parked' });
    return view;
  });
  expect(parked).toMatchObject({ pendingUndo: ['releaseFunds'] });
  await rig.clearFaults();
  expect(await handle.executeUpdate('retryCompensation')).toEqual({ status: 'failed' });
  expect(await handle.result()).toEqual({ status: 'failed' });
  expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, refunded: 1_250 }]);
  expect(await rig.read(paymentId)).toMatchObject({
    status: 'failed',
    failure_code: 'recording_failed',
    refunded: 1_250,
  });
});

async function inputOf(paymentId: string) {
  const { rows } = await rig.pool.query('SELECT * FROM payments WHERE id = $1', [paymentId]);
  return {
    paymentId,
    merchantId: rows[0].merchant_id,
    amountMinor: Number(rows[0].amount_minor),
    currency: 'EUR',
    flags: rows[0].flags,
    budgets: testBudgets,
  };
}
