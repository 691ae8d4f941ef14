import { randomUUID } from 'node:crypto';
import { createRefundStore } from '../../adapters/postgres/refund-store';
import { paymentFactSchema, refundCommandSchema } from '../../contracts/schemas/messages';
import { eventually } from '../support/eventually';
import { get, goodBody, openDatabase, post, settle, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let api: Api;
let secret: string;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database });
  secret = await api.newKey('mer_refunds', ['read', 'write', 'refund']);
});

afterAll(async () => {
  await api.close();
  await database.close();
});

async function paid(body: object = {}): Promise<string> {
  const answer = await post(api, { secret, body: { ...goodBody, ...body } });
  expect(answer.status).toBe(202);
  const { id } = answer.json();
  await settle(database, { paymentId: id, to: 'succeeded' });
  return id;
}

const refund = (paymentId: string, body: object = {}, request: object = {}) =>
  post(api, { secret, path: `/v1/payments/${paymentId}/refunds`, body, ...request });

const read = (path: string, key = secret) => get(`${api.url}${path}`, key);

async function outbox(paymentId: string) {
  const { rows } = await database.sql.query(
    `SELECT type, aggregate_version, payload FROM outbox_events WHERE aggregate_id = $1
       AND type LIKE '%refund%' ORDER BY seq`,
    [paymentId],
  );
  return rows;
}

/** Ends the refund as its saga would. */
async function end(refundId: string, failureCode: string) {
  const change = await createRefundStore(api.prisma).end({
    refundId,
    status: 'failed',
    failureCode,
  });
  expect(change.kind).toBe('applied');
}

describe('asking for a refund', () => {
  it('answers 202 with where to ask, and the refund and its payment show it', async () => {
    const paymentId = await paid();
    const body = { amount: 500, reason: 'duplicate', metadata: { ticket: '7' } };
    const answer = await refund(paymentId, body);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('Retry-After')).toBe('1');
    expect(answer.json()).toMatchObject({
      object: 'refund',
      payment: paymentId,
      amount: 500,
      currency: 'EUR',
      status: 'pending',
      reason: 'requested_by_merchant',
      provider_reason: 'duplicate',
      metadata: { ticket: '7' },
    });
    const location = answer.headers.get('Location') ?? '';
    expect((await read(location)).json()).toEqual(answer.json());
    const payment = (await read(`/v1/payments/${paymentId}`)).json();
    expect(payment).toMatchObject({ amount_refunded: 0, refunds: [answer.json()] });
  });

  it('stores its event with the next version, and the command after it', async () => {
    const paymentId = await paid();
    const { id } = (await refund(paymentId, { amount: 500 })).json();
    const [event, command] = await outbox(paymentId);
    expect(event).toMatchObject({ type: 'refund.requested.v1', aggregate_version: 3 });
    expect(paymentFactSchema.parse(event.payload).data.refund).toMatchObject({ id, amount: 500 });
    expect(command).toMatchObject({ aggregate_version: null });
    expect(refundCommandSchema.parse(command.payload).data).toEqual({
      payment_id: paymentId,
      refund_id: id,
    });
  });

  it('without an amount gives back all that is left', async () => {
    const paymentId = await paid();
    await refund(paymentId, { amount: 500 });
    expect((await refund(paymentId)).json()).toMatchObject({ amount: 750 });
    const over = await refund(paymentId);
    expect(over.status).toBe(422);
    expect(over.json()).toMatchObject({
      code: 'amount_not_available',
      detail: '0 of EUR can still be refunded, in minor units.',
    });
  });

  it('above what is left is refused, naming what is left', async () => {
    const paymentId = await paid();
    await refund(paymentId, { amount: 500 });
    const answer = await refund(paymentId, { amount: 751 });
    expect(answer.status).toBe(422);
    expect(answer.json().detail).toBe('750 of EUR can still be refunded, in minor units.');
  });

  it('twenty times at once never adds up to more than was captured', async () => {
    const paymentId = await paid();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refund(paymentId, { amount: 300 })),
    );
    const taken = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 422);
    expect([taken.length, refused.length]).toEqual([4, 16]);
    const { rows } = await database.sql.query(
      'SELECT sum(amount_minor)::int AS sum FROM refunds WHERE payment_id = $1',
      [paymentId],
    );
    expect(rows).toEqual([{ sum: 1_200 }]);
  });

  it('by a stale idea of what is left is refused with 412, and goes by the right one', async () => {
    const paymentId = await paid();
    const fresh = { amount: 500, refund_amount_available: 1_250 };
    expect((await refund(paymentId, fresh)).status).toBe(202);
    const stale = await refund(paymentId, fresh);
    expect(stale.status).toBe(412);
    expect(stale.json()).toMatchObject({
      code: 'precondition_failed',
      detail: '750 of EUR can still be refunded, in minor units.',
    });
    const right = { amount: 500, refund_amount_available: 750 };
    expect((await refund(paymentId, right)).status).toBe(202);
  });

  it('of what a failed refund has freed is possible again', async () => {
    const paymentId = await paid();
    const { id } = (await refund(paymentId)).json();
    await end(id, 'charge_disputed');
    expect((await read(`/v1/refunds/${id}`)).json()).toMatchObject({
      status: 'failed',
      failure_code: 'charge_disputed',
    });
    expect((await refund(paymentId)).json()).toMatchObject({ amount: 1_250 });
  });

  it.each(['pending', 'authorized', 'failed', 'needs_review'])(
    'of a payment that is %s is refused',
    async (status) => {
      const { id } = (await post(api, { secret })).json();
      if (status !== 'pending') await settle(database, { paymentId: id, to: status });
      const answer = await refund(id);
      expect(answer.status).toBe(409);
      expect(answer.json().code).toBe('payment_state_conflict');
    },
  );

  it('in a three-decimal currency must end in 0', async () => {
    const paymentId = await paid({ currency: 'KWD' });
    expect((await refund(paymentId, { amount: 125 })).status).toBe(422);
    expect((await refund(paymentId, { amount: 120 })).status).toBe(202);
  });

  it.each([{ amount: 0 }, { amount: 1.5 }, { amount: '5' }, { reason: 'whim' }, { extra: 1 }])(
    'of %j is not valid',
    async (body) => {
      expect((await refund(await paid(), body)).status).toBe(400);
    },
  );

  it('needs the scope refund, and a payment of the same merchant', async () => {
    const paymentId = await paid();
    const writer = await api.newKey('mer_refunds', ['read', 'write']);
    expect((await refund(paymentId, {}, { secret: writer })).status).toBe(403);
    const stranger = await api.newKey('mer_stranger', ['read', 'refund']);
    expect((await refund(paymentId, {}, { secret: stranger })).json().code).toBe(
      'payment_not_found',
    );
    const { id } = (await refund(paymentId)).json();
    expect((await read(`/v1/refunds/${id}`, stranger)).json().code).toBe('refund_not_found');
    expect((await read(`/v1/payments/${paymentId}/refunds`, stranger)).status).toBe(404);
  });

  it('again under the same key is one refund, with the same answer', async () => {
    const paymentId = await paid();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => refund(paymentId, { amount: 100 }, { key })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await refund(paymentId, { amount: 200 }, { key })).status).toBe(422);
    expect(await outbox(paymentId)).toHaveLength(2);
  });
});

it('lists the refunds of a payment page by page, newest first', async () => {
  const paymentId = await paid();
  const ids: string[] = [];
  for (const amount of [100, 200, 300]) {
    ids.unshift((await refund(paymentId, { amount })).json().id);
  }
  const path = `/v1/payments/${paymentId}/refunds?limit=2`;
  const first = (await read(path)).json();
  expect(first).toMatchObject({ object: 'list', has_more: true });
  const second = (await read(`${path}&starting_after=${first.data[1].id}`)).json();
  expect(second.has_more).toBe(false);
  expect([...first.data, ...second.data].map(({ id }: { id: string }) => id)).toEqual(ids);
});

describe('who waits', () => {
  it('with Prefer: wait is answered 201 once the refund has ended', async () => {
    const paymentId = await paid();
    const waiting = refund(paymentId, {}, { headers: { Prefer: 'wait=10' } });
    const id = await eventually(async () => {
      const { data } = (await read(`/v1/payments/${paymentId}/refunds`)).json();
      if (data.length === 0) throw new Error('not stored yet');
      return data[0].id;
    });
    await end(id, 'charge_disputed');
    const answer = await waiting;
    expect(answer.status).toBe(201);
    expect(answer.headers.get('Preference-Applied')).toBe('wait=10');
    expect(answer.json()).toMatchObject({ id, status: 'failed' });
  });

  it('without asynchronous commands has the saga started by the API, and waits without asking', async () => {
    const flags = {
      asyncCommands: false,
      outboxPattern: true,
      retryLogic: true,
      compensation: true,
    };
    const started: string[] = [];
    const direct = await startApi({
      database,
      accept: { flags, sagas: { start: async () => 'started_or_running' }, waitCapMs: 2_000 },
      refund: {
        refundStarter: {
          start: async ({ refundId }) => {
            started.push(refundId);
            await createRefundStore(api.prisma).end({
              refundId,
              status: 'failed',
              failureCode: 'charge_disputed',
            });
            return 'started_or_running';
          },
        },
      },
    });
    const made = post(direct, { secret });
    const paymentId = await eventually(async () => {
      const { rows } = await database.sql.query<{ id: string }>(
        `SELECT id FROM payments WHERE (flags ->> 'asyncCommands') = 'false'`,
      );
      if (rows[0] === undefined) throw new Error('not stored yet');
      return rows[0].id;
    });
    await settle(database, { paymentId, to: 'succeeded' });
    expect((await made).status).toBe(201);
    const answer = await post(direct, {
      secret,
      path: `/v1/payments/${paymentId}/refunds`,
      body: {},
    });
    expect(answer.status).toBe(201);
    expect(started).toEqual([answer.json().id]);
    expect((await outbox(paymentId)).map(({ type }) => type)).toEqual([
      'refund.requested.v1',
      'refund.failed.v1',
    ]);
    await direct.close();
  });
});
