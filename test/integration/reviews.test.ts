import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createOperatorRequests } from '../../adapters/temporal/operator-requests';
import type { OperatorRequests } from '../../application/ports/operator-requests';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import { reviewWorkflowId } from '../../contracts/workflow-names';
import { get, post, startApi } from './api-rig.fixture';
import type { Api } from './api-rig.fixture';
import { createSagaRig, plantRefusal } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

jest.setTimeout(60_000);

let rig: SagaRig;
let api: Api;
let sql: Client;
let secret: string;
/** Whether Temporal answers the API. */
let isAway = false;

beforeAll(async () => {
  rig = await createSagaRig();
  sql = new Client({ connectionString: rig.databaseUrl });
  await sql.connect();
  const real = createOperatorRequests(rig.sagaOptions);
  const operatorRequests: OperatorRequests = {
    submit: (request) =>
      isAway ? Promise.reject(new SagaUnavailable('away')) : real.submit(request),
  };
  const database = { url: rig.databaseUrl, sql, close: async () => undefined };
  api = await startApi({ database, operator: { operatorRequests } });
  secret = await api.newKey(rig.merchantId, ['read', 'operate']);
});

afterAll(async () => {
  await api.close();
  await sql.end();
  await rig.close();
});

/** A payment that was charged, could not be recorded, and cannot be refunded for now. */
async function parked(): Promise<string> {
  const paymentId = await rig.accept();
  await plantRefusal(rig, paymentId);
  await rig.fault({
    match: { route: 'refunds.create', idempotencyKey: paymentId },
    times: null,
    action: { kind: 'status', status: 503 },
  });
  await rig.start(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'needs_review' });
  return paymentId;
}

/** A payment that had ended and was parked afterwards, as a late fact does. */
async function parkedLate(): Promise<string> {
  const paymentId = await rig.pay({ paymentMethod: 'pm_card_chargeDeclined' });
  await rig.closed(paymentId);
  const payment = await rig.deps.store.load(paymentId);
  const failure = { code: 'money_came_late', declineCode: null, message: 'Money came late.' };
  await rig.deps.store.transition({ payment: payment!, to: 'needs_review', failure });
  return paymentId;
}

const resolution = { reason: 'the goods were sent and stay', provider_ref: 'case 1042' };

const ask = (paymentId: string, verb: string, options: { key?: string; body?: object } = {}) =>
  post(api, {
    secret,
    path: `/v1/payments/${paymentId}/${verb}`,
    key: options.key ?? randomUUID(),
    body: options.body ?? {},
  });

async function trailOf(paymentId: string) {
  const { rows } = await sql.query<{ action: string; outcome: string; details: object }>(
    'SELECT action, outcome, details FROM audit_entries WHERE payment_id = $1 ORDER BY id',
    [paymentId],
  );
  return rows;
}

const outcomes = async (paymentId: string) =>
  (await trailOf(paymentId)).map(({ action, outcome }) => `${action} ${outcome}`);

describe('a parked payment', () => {
  test('stays parked while the undo fails, and ends with the retry after it can be done', async () => {
    const paymentId = await parked();
    const inVain = await ask(paymentId, 'retry_compensation');
    expect(inVain.status).toBe(200);
    expect(inVain.json()).toMatchObject({ status: 'needs_review' });
    await rig.clearFaults();
    const key = randomUUID();
    const answer = await ask(paymentId, 'retry_compensation', { key });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'failed', amount_refunded: 1_250 });
    const again = await ask(paymentId, 'retry_compensation', { key });
    expect([again.status, again.text]).toEqual([200, answer.text]);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, refunded: 1_250 }]);
    expect(await outcomes(paymentId)).toEqual([
      'retry_compensation started',
      'retry_compensation done',
      'retry_compensation started',
      'retry_compensation done',
    ]);
  });

  test('ends as it was settled by hand, and the trail says by whom and why', async () => {
    const paymentId = await parked();
    await sql.query(`DROP TRIGGER refuse_${paymentId} ON payments`);
    const answer = await ask(paymentId, 'resolve', { body: resolution });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'succeeded', amount_captured: 1_250 });
    expect(await trailOf(paymentId)).toEqual([
      { action: 'resolve', outcome: 'started', details: resolution },
      { action: 'resolve', outcome: 'done', details: { ...resolution, status: 'succeeded' } },
    ]);
    await rig.clearFaults();
  });

  test('is served by a review once its saga was terminated', async () => {
    const paymentId = await parked();
    await rig.handle(paymentId).terminate('by hand');
    const inVain = await ask(paymentId, 'retry_compensation');
    expect(inVain.json()).toMatchObject({ status: 'needs_review' });
    await rig.clearFaults();
    const answer = await ask(paymentId, 'retry_compensation');
    expect(answer.json()).toMatchObject({
      status: 'failed',
      failure: {
        code: 'recording_failed',
        message: 'The payment was charged but could not be recorded.',
      },
    });
    const review = rig.temporal.workflow.getHandle(reviewWorkflowId(paymentId));
    expect(await review.result()).toEqual({ status: 'failed' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, refunded: 1_250 }]);
  });

  test('is served by a review when it was parked after its saga had ended', async () => {
    const paymentId = await parkedLate();
    const answer = await ask(paymentId, 'retry_compensation');
    expect(answer.json()).toMatchObject({ status: 'failed', failure: { code: 'money_came_late' } });
  });

  test('whose request finds Temporal away is left as it is, and the same key serves later', async () => {
    const paymentId = await parkedLate();
    const key = randomUUID();
    isAway = true;
    const away = await ask(paymentId, 'retry_compensation', { key });
    isAway = false;
    expect(away.status).toBe(503);
    expect(away.json().detail).toContain('Nothing is lost');
    expect(await rig.read(paymentId)).toMatchObject({ status: 'needs_review' });
    const answer = await ask(paymentId, 'retry_compensation', { key });
    expect([answer.status, answer.json().status]).toEqual([200, 'failed']);
    expect(await outcomes(paymentId)).toEqual([
      'retry_compensation started',
      'retry_compensation unanswered',
      'retry_compensation done',
    ]);
  });

  test('is listed for its merchant until it ends', async () => {
    const paymentId = await parkedLate();
    const listed = async () =>
      (await get(`${api.url}/v1/reviews?limit=100`, secret))
        .json()
        .data.map(({ id }: { id: string }) => id);
    expect(await listed()).toContain(paymentId);
    await ask(paymentId, 'retry_compensation');
    expect(await listed()).not.toContain(paymentId);
  });

  test('of another merchant is nobody’s business', async () => {
    const paymentId = await parkedLate();
    const stranger = await api.newKey(`mer_${randomUUID()}`, ['operate']);
    const path = `/v1/payments/${paymentId}/retry_compensation`;
    const answer = await post(api, { secret: stranger, path, body: {} });
    expect(answer.status).toBe(404);
    expect(await trailOf(paymentId)).toEqual([]);
  });
});

describe('a payment that is not parked', () => {
  test('takes no request of an operator, and none is in the trail', async () => {
    const paymentId = await rig.pay();
    for (const verb of ['retry_compensation', 'resolve']) {
      const answer = await ask(paymentId, verb, { body: verb === 'resolve' ? resolution : {} });
      expect([answer.status, answer.json().code]).toEqual([409, 'payment_state_conflict']);
    }
    expect(await trailOf(paymentId)).toEqual([]);
  });

  test('is left alone by a review that comes too late', async () => {
    const paymentId = await rig.pay();
    await rig.closed(paymentId);
    const { rows } = await rig.pool.query('SELECT flags FROM payments WHERE id = $1', [paymentId]);
    const { merchantId } = rig;
    const payment = {
      paymentId,
      merchantId,
      amountMinor: 1_250,
      currency: 'EUR',
      flags: rows[0].flags,
    };
    const answer = await createOperatorRequests(rig.sagaOptions).submit({
      id: randomUUID(),
      wish: { kind: 'retry_compensation' },
      payment,
      limitMs: 20_000,
    });
    expect(answer).toEqual({ kind: 'answered', status: 'succeeded' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, refunded: 0 }]);
  });
});
