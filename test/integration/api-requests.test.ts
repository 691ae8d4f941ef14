import { randomUUID } from 'node:crypto';
import { get, goodBody, openDatabase, post, settle, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let api: Api;
let secret: string;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database });
  secret = await api.newKey('mer_requests');
});

afterAll(async () => {
  await api.close();
  await database.close();
});

async function accepted(body: object = {}): Promise<string> {
  const answer = await post(api, { secret, body: { ...goodBody, ...body } });
  expect(answer.status).toBe(202);
  return answer.json().id;
}

async function held(): Promise<string> {
  const paymentId = await accepted({ capture_method: 'manual' });
  await settle(database, { paymentId, to: 'authorized' });
  return paymentId;
}

const ask = (paymentId: string, kind: 'capture' | 'cancel', request: object = {}) =>
  post(api, { secret, path: `/v1/payments/${paymentId}/${kind}`, body: {}, ...request });

async function openRequests(paymentId: string) {
  const { rows } = await database.sql.query<{ kind: string; amount: number; commands: number }>(
    `SELECT kind, amount_minor::int AS amount,
       (SELECT count(*)::int FROM outbox_events WHERE aggregate_id = $1
          AND type = 'payment.commands.deliver_request.v1') AS commands
     FROM payment_requests WHERE payment_id = $1 AND state = 'open'`,
    [paymentId],
  );
  return rows;
}

describe('a capture', () => {
  it('is stored with the command that delivers it, and shown on the payment', async () => {
    const paymentId = await held();
    const answer = await ask(paymentId, 'capture', { body: { amount: 700 } });
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({
      id: paymentId,
      status: 'authorized',
      open_request: { kind: 'capture', amount: 700 },
    });
    expect(await openRequests(paymentId)).toEqual([{ kind: 'capture', amount: 700, commands: 1 }]);
    expect((await get(`${api.url}/v1/payments/${paymentId}`, secret)).json()).toMatchObject({
      open_request: answer.json().open_request,
    });
  });

  it('takes all that is held where no amount is given', async () => {
    const paymentId = await held();
    expect((await ask(paymentId, 'capture')).json().open_request.amount).toBe(1_250);
  });

  it('of more than is held is refused, and says how much is', async () => {
    const paymentId = await held();
    const answer = await ask(paymentId, 'capture', { body: { amount: 1_251 } });
    expect([answer.status, answer.json().code]).toEqual([422, 'amount_not_available']);
    expect(answer.json().detail).toContain('1250');
    expect(await openRequests(paymentId)).toEqual([]);
  });

  it.each([['0'], ['-1'], ['0.1'], ['1e3'], ['"100"'], ['9007199254740993']])(
    'of %s is refused and never rounded',
    async (amount) => {
      const paymentId = await held();
      const body = `{"amount":${amount}}`;
      expect((await ask(paymentId, 'capture', { body })).status).toBe(400);
    },
  );

  it('of a payment that holds nothing is refused', async () => {
    const answer = await ask(await accepted(), 'capture');
    expect([answer.status, answer.json().code]).toEqual([409, 'payment_state_conflict']);
  });

  it("of another merchant's payment is not found, and takes no key", async () => {
    const paymentId = await held();
    const other = await api.newKey('mer_other');
    const key = randomUUID();
    const request = { secret: other, key };
    expect((await ask(paymentId, 'capture', request)).status).toBe(404);
    const { rows } = await database.sql.query('SELECT 1 FROM idempotency_keys WHERE key = $1', [
      key,
    ]);
    expect(rows).toEqual([]);
  });

  it('needs a key that may write', async () => {
    const reader = await api.newKey('mer_requests', ['read']);
    expect((await ask(await held(), 'capture', { secret: reader })).status).toBe(403);
  });
});

describe('a cancel', () => {
  it('is accepted before the saga has begun', async () => {
    const paymentId = await accepted();
    expect((await ask(paymentId, 'cancel')).status).toBe(202);
    expect(await openRequests(paymentId)).toMatchObject([{ kind: 'cancel', commands: 1 }]);
  });

  it.each(['succeeded', 'failed', 'canceled', 'needs_review'])(
    'of a payment that is %s is refused',
    async (to) => {
      const paymentId = await accepted();
      await settle(database, { paymentId, to });
      expect((await ask(paymentId, 'cancel')).json().code).toBe('payment_state_conflict');
    },
  );
});

describe('the key of a request', () => {
  it('gives the first answer again, and takes no other body', async () => {
    const paymentId = await held();
    const key = randomUUID();
    const first = await ask(paymentId, 'capture', { key, body: { amount: 500 } });
    const again = await ask(paymentId, 'capture', { key, body: { amount: 500 } });
    expect(again.text).toBe(first.text);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    const other = await ask(paymentId, 'capture', { key, body: { amount: 501 } });
    expect([other.status, other.json().code]).toEqual([422, 'idempotency_key_reused']);
    expect(await openRequests(paymentId)).toHaveLength(1);
  });

  it('sent twenty times at once makes one request', async () => {
    const paymentId = await held();
    const key = randomUUID();
    const all = Array.from({ length: 20 }, () => ask(paymentId, 'capture', { key }));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses).toEqual(Array(20).fill(202));
    expect(await openRequests(paymentId)).toHaveLength(1);
  });
});

it('of a cancel and a capture at once exactly one is taken, fifty times over', async () => {
  for (let round = 0; round < 50; round += 1) {
    const paymentId = await held();
    const answers = await Promise.all([ask(paymentId, 'cancel'), ask(paymentId, 'capture')]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 409]));
    const lost = answers.find(({ status }) => status === 409);
    const [open] = await openRequests(paymentId);
    expect(lost?.json()).toMatchObject({ code: 'request_in_progress' });
    expect(lost?.json().detail).toContain(open?.kind);
  }
});

describe('a reference that allows one live payment', () => {
  const once = (reference: string) => ({
    body: { ...goodBody, reference, once_per_reference: true },
    secret,
  });

  it('refuses a second one and names the first, until that has failed', async () => {
    const reference = randomUUID();
    const first = await post(api, once(reference));
    const second = await post(api, once(reference));
    expect([second.status, second.json().code]).toEqual([409, 'reference_in_use']);
    expect(second.json().detail).toContain(first.json().id);
    await database.sql.query(
      `UPDATE payments SET status = 'failed', live_reference = NULL WHERE id = $1`,
      [first.json().id],
    );
    expect((await post(api, once(reference))).status).toBe(202);
  });

  it('takes one of twenty at once, each under a key of its own', async () => {
    const reference = randomUUID();
    const all = Array.from({ length: 20 }, () => post(api, once(reference)));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
  });

  it("is no matter of another merchant's, nor of payments that do not ask for it", async () => {
    const reference = randomUUID();
    expect((await post(api, once(reference))).status).toBe(202);
    const other = await api.newKey('mer_elsewhere');
    expect((await post(api, { ...once(reference), secret: other })).status).toBe(202);
    const plain = { secret, body: { ...goodBody, reference } };
    expect((await post(api, plain)).status).toBe(202);
  });
});
