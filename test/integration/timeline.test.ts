import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createOperatorRequests } from '../../adapters/temporal/operator-requests';
import type { ApiTimeline, TimelineKind } from '../../contracts/api-timeline';
import { get, post, startApi } from './api-rig.fixture';
import type { Api } from './api-rig.fixture';
import { createSagaRig, plantRefusal } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

jest.setTimeout(60_000);

let rig: SagaRig;
let api: Api;
let sql: Client;
let secret: string;

beforeAll(async () => {
  rig = await createSagaRig();
  sql = new Client({ connectionString: rig.databaseUrl });
  await sql.connect();
  const database = { url: rig.databaseUrl, sql, close: async () => undefined };
  const operatorRequests = createOperatorRequests(rig.sagaOptions);
  api = await startApi({ database, operator: { operatorRequests } });
  secret = await api.newKey(rig.merchantId, ['read', 'operate']);
});

afterAll(async () => {
  await api.close();
  await sql.end();
  await rig.close();
});

async function timelineOf(paymentId: string): Promise<ApiTimeline> {
  const answer = await get(`${api.url}/v1/payments/${paymentId}/timeline`, secret);
  expect(answer.status).toBe(200);
  return answer.json();
}

const of = ({ entries }: ApiTimeline, kind: TimelineKind) =>
  entries.filter((entry) => entry.kind === kind);

const detailsOf = (timeline: ApiTimeline, kind: TimelineKind) =>
  of(timeline, kind).map(({ details }) => details);

const actionsOf = ({ actions }: ApiTimeline) =>
  actions.map(({ action, amount_available: amount }) => [action, amount]);

async function capturedInPart(): Promise<string> {
  const paymentId = await rig.accept({ captureMethod: 'manual' });
  await rig.start(paymentId);
  await rig.reaches(paymentId, 'authorized');
  await rig.ask(paymentId, 'capture', 700);
  await rig.settled(paymentId);
  return paymentId;
}

/** As the provider tells of a refund that was made by hand. */
async function refundByHand(paymentId: string, amountMinor: number): Promise<void> {
  const { provider_intent_id: intentId } = await rig.read(paymentId);
  const refundId = `re_${randomUUID().replaceAll('-', '')}`;
  const made = await rig.deps.provider.createRefund({
    idempotencyKey: randomUUID(),
    params: {
      refundId,
      paymentId,
      intentId: intentId!,
      amountMinor,
      currency: 'EUR',
      reason: null,
    },
  });
  expect(await rig.deps.refunds.apply(made)).toMatchObject({ kind: 'applied' });
}

describe('the timeline', () => {
  test('of a payment that was captured and refunded tells all of it, in order', async () => {
    const paymentId = await capturedInPart();
    await sql.query(
      `INSERT INTO stripe_events (id, type, object_id, object_type, provider_intent_id, occurred_at)
       SELECT $2, 'payment_intent.succeeded', provider_intent_id, 'payment_intent',
         provider_intent_id, now() FROM payments WHERE id = $1`,
      [paymentId, `evt_${paymentId}`],
    );
    await refundByHand(paymentId, 200);
    const timeline = await timelineOf(paymentId);
    expect(timeline.summary).toBe(
      'The payment of 12.50 EUR succeeded. 7.00 EUR was captured and 2.00 EUR of it was refunded. ' +
        'Nothing comes next.',
    );
    expect(actionsOf(timeline)).toEqual([
      ['refund', 500],
      ['sync', null],
    ]);
    expect(detailsOf(timeline, 'status').map(({ to }) => to)).toEqual([
      'pending',
      'processing',
      'authorized',
      'succeeded',
    ]);
    expect(detailsOf(timeline, 'request_answered')).toMatchObject([{ state: 'done' }]);
    expect(detailsOf(timeline, 'fact')).toMatchObject([{ event: 'refund.succeeded.v1' }]);
    expect(detailsOf(timeline, 'refund')).toMatchObject([{ amount: 200, status: 'succeeded' }]);
    expect(of(timeline, 'ledger').map(({ text }) => text)).toEqual([
      'The books: 12.50 EUR more is held on the card.',
      'The books: 12.50 EUR less is held on the card, 7.00 EUR more is captured and not given back.',
      'The books: 2.00 EUR less is captured and not given back.',
    ]);
    expect(detailsOf(timeline, 'webhook')).toMatchObject([{ outcome: null }]);
    const times = timeline.entries.map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
  });

  test('names the requests to the provider by its own ids', async () => {
    const timeline = await timelineOf(await capturedInPart());
    const requests = detailsOf(timeline, 'provider_request');
    expect(requests.map(({ operation }) => String(operation)).toSorted()).toEqual([
      'capture',
      'confirm',
      'create',
    ]);
    for (const request of requests) {
      expect(request['idempotency_key']).toBe(
        `${timeline.payment}:${String(request['operation'])}:1`,
      );
      expect(request['provider_request_id']).toMatch(/^req_/);
    }
  });

  test('of a declined payment says why and what the merchant can do', async () => {
    const timeline = await timelineOf(
      await rig.pay({ paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' }),
    );
    expect(timeline.summary).toContain('No money is held or captured.');
    expect(timeline.summary).toContain('Ask for another card');
    expect(actionsOf(timeline)).toEqual([['sync', null]]);
    expect(of(timeline, 'undo')).toHaveLength(1);
    expect(of(timeline, 'ledger')).toEqual([]);
    const answered = detailsOf(timeline, 'provider_request').map((details) => [
      details['operation'],
      typeof details['provider_request_id'],
    ]);
    expect(answered).toEqual(
      expect.arrayContaining([
        ['confirm', 'string'],
        ['cancel', 'string'],
      ]),
    );
  });

  test('of a parked payment offers the operator’s actions, and tells who used them', async () => {
    const paymentId = await rig.accept();
    await plantRefusal(rig, paymentId);
    await rig.fault({
      match: { route: 'refunds.create', idempotencyKey: paymentId },
      times: null,
      action: { kind: 'status', status: 503 },
    });
    await rig.start(paymentId);
    await rig.settled(paymentId);
    const parked = await timelineOf(paymentId);
    expect(parked.summary).toContain('An operator decides');
    expect(actionsOf(parked)).toEqual([
      ['retry_compensation', null],
      ['resolve', null],
      ['sync', null],
    ]);
    await rig.clearFaults();
    const [retry] = parked.actions;
    expect((await post(api, { secret, path: retry!.path, body: {} })).status).toBe(200);
    const ended = await timelineOf(paymentId);
    expect(ended.status).toBe('failed');
    expect(detailsOf(ended, 'operator_action')).toMatchObject([
      { action: 'retry_compensation', outcome: 'started' },
      { action: 'retry_compensation', outcome: 'done', details: { status: 'failed' } },
    ]);
    expect(detailsOf(ended, 'refund')).toMatchObject([{ amount: 1_250, status: 'succeeded' }]);
  });

  test('of another merchant’s payment is a payment that does not exist', async () => {
    const paymentId = await rig.accept();
    const stranger = await api.newKey(`mer_${randomUUID()}`, ['read']);
    const answer = await get(`${api.url}/v1/payments/${paymentId}/timeline`, stranger);
    expect(answer.status).toBe(404);
  });
});
