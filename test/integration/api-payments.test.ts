import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { paymentEventSchema, processPaymentCommandSchema } from '../../contracts/schemas/messages';
import { DependencyUnavailable } from '../../application/ports/availability';
import type { OutboundMessage } from '../../application/ports/message-publisher';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import type { SagaStart } from '../../application/ports/saga-starter';
import { get, goodBody, openDatabase, post, settle, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

const flags = { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true };
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let database: OpenDatabase;
let api: Api;
let secret: string;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database });
  secret = await api.newKey('mer_payments');
});
afterAll(async () => {
  await api.close();
  await database.close();
});

async function rowsOf(paymentId: string) {
  const read = async (query: string) => (await database.sql.query(query, [paymentId])).rows;
  return {
    payments: await read('SELECT * FROM payments WHERE id = $1'),
    transitions: await read('SELECT * FROM payment_transitions WHERE payment_id = $1'),
    outbox: await read('SELECT * FROM outbox_events WHERE aggregate_id = $1 ORDER BY seq'),
  };
}

describe('accepting a payment', () => {
  it('answers 202 with where to ask, and the payment is there', async () => {
    const body = { ...goodBody, reference: 'order-1', description: 'Tea', metadata: { a: 'b' } };
    const accepted = await post(api, { secret, body });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('Retry-After')).toBe('1');
    expect(accepted.headers.get('Preference-Applied')).toBeNull();
    const read = await get(`${api.url}${accepted.headers.get('Location')}`, secret);
    expect(read.status).toBe(200);
    expect(read.json()).toEqual({ ...accepted.json(), updated_at: expect.any(String) });
    expect(read.json()).toMatchObject({ ...body, object: 'payment', status: 'pending' });
  });

  it('writes the payment, its transition, event and command, in that order', async () => {
    const key = randomUUID();
    const accepted = await post(api, { secret, key, headers: { traceparent } });
    const { id } = accepted.json();
    const { payments, transitions, outbox } = await rowsOf(id);
    expect(payments[0]).toMatchObject({ status: 'pending', version: 1, flags, traceparent });
    expect(transitions).toHaveLength(1);
    expect(transitions[0]).toMatchObject({ version: 1, from_status: null, to_status: 'pending' });
    const [event, command] = outbox;
    expect(outbox).toHaveLength(2);
    expect(event).toMatchObject({ aggregate_version: 1, headers: { traceparent } });
    expect(event.id).toBe(transitions[0].event_id);
    expect(command).toMatchObject({
      aggregate_version: null,
      exchange: 'payment.commands',
      routing_key: 'payment.commands.process',
    });
    expect(paymentEventSchema.parse(event.payload).data).toEqual(transitions[0].event_data);
    const parsed = processPaymentCommandSchema.parse(command.payload);
    expect(parsed.data).toMatchObject({ payment_id: id, idempotency_key: key, flags });
    expect(parsed.traceparent).toBe(traceparent);
  });

  it('takes one database round trip besides the look-up of the key', async () => {
    await post(api, { secret });
    const queries = jest.spyOn(Pool.prototype, 'query');
    const connections = jest.spyOn(Pool.prototype, 'connect');
    try {
      expect((await post(api, { secret })).status).toBe(202);
      expect(queries).toHaveBeenCalledTimes(1);
      // The pool takes one connection for the query itself; a transaction would take its own.
      expect(connections).toHaveBeenCalledTimes(1);
    } finally {
      queries.mockRestore();
      connections.mockRestore();
    }
  });

  it('writes nothing at all when one of its parts cannot be written', async () => {
    await database.sql.query(`
      CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'planted'; END $$;
      CREATE TRIGGER poison BEFORE INSERT ON outbox_events FOR EACH ROW
        WHEN (NEW.payload->'data'->>'reference' = 'poison') EXECUTE FUNCTION refuse_poison();`);
    const key = randomUUID();
    const body = { ...goodBody, reference: 'poison' };
    const refused = await post(api, { secret, key, body });
    expect(refused.status).toBe(500);
    expect(refused.json()).toMatchObject({ code: 'internal_error', retryable: true });
    expect(refused.text).not.toContain('planted');
    const { rows } = await database.sql.query(
      `SELECT (SELECT count(*)::int FROM payments WHERE reference = 'poison') AS payments,
         (SELECT count(*)::int FROM idempotency_keys WHERE key = $1) AS keys`,
      [key],
    );
    expect(rows[0]).toEqual({ payments: 0, keys: 0 });
    await database.sql.query('DROP TRIGGER poison ON outbox_events');
    expect((await post(api, { secret, key, body })).status).toBe(202);
  });

  it('tells that it cannot answer when the database is away, and says nothing more', async () => {
    const away = await startApi({
      database,
      accept: {
        intake: {
          accept: () => Promise.reject(new DependencyUnavailable('postgres at 10.0.0.1')),
          markEventPublished: () => Promise.resolve(),
        },
      },
    });
    const answer = await post(away, { secret });
    await away.close();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('Retry-After')).toBe('1');
    expect(answer.json()).toMatchObject({ code: 'service_unavailable', retryable: true });
    expect(answer.text).not.toContain('10.0.0.1');
  });
});

describe('with commands off', () => {
  const sync = { flags: { ...flags, asyncCommands: false } };

  it('the saga is started, no command is written, and the outcome is the answer', async () => {
    const started: SagaStart[] = [];
    const start = async (payment: SagaStart) => {
      started.push(payment);
      await settle(database, { paymentId: payment.paymentId, to: 'succeeded' });
      return 'started_or_running' as const;
    };
    const own = await startApi({ database, accept: { ...sync, sagas: { start } } });
    const answer = await post(own, { secret });
    await own.close();
    expect(answer.status).toBe(201);
    expect(answer.json()).toMatchObject({ status: 'succeeded', amount_captured: 1250 });
    expect(started).toEqual([
      expect.objectContaining({ paymentId: answer.json().id, amountMinor: 1250, ...sync }),
    ]);
    const { outbox } = await rowsOf(answer.json().id);
    expect(outbox.map((row) => row.type)).toEqual(['payment.accepted.v1']);
  });

  it('the answer is 202 at once when no saga can be started', async () => {
    const sagas = { start: () => Promise.reject(new SagaUnavailable('away')) };
    const own = await startApi({ database, accept: { ...sync, sagas } });
    const startedAt = performance.now();
    const answer = await post(own, { secret });
    await own.close();
    expect(answer.status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('the answer is 202 when the outcome takes longer than the cap', async () => {
    const sagas = { start: () => Promise.resolve('started_or_running' as const) };
    const own = await startApi({ database, accept: { ...sync, sagas, waitCapMs: 200 } });
    const answer = await post(own, { secret });
    await own.close();
    expect(answer.status).toBe(202);
    expect(answer.json().status).toBe('pending');
  });
});

describe('with the outbox off', () => {
  const noOutbox = { flags: { ...flags, outboxPattern: false } };

  it('event and command are published after the commit, and no row is written', async () => {
    const published: OutboundMessage[] = [];
    const publish = async (message: OutboundMessage) => {
      const { rows } = await database.sql.query('SELECT 1 FROM payments WHERE id = $1', [
        (message.payload as { subject: string }).subject,
      ]);
      expect(rows).toHaveLength(1);
      published.push(message);
      return { kind: 'confirmed' } as const;
    };
    const own = await startApi({ database, accept: { ...noOutbox, publisher: { publish } } });
    const answer = await post(own, { secret });
    await own.close();
    expect(answer.status).toBe(202);
    expect(published.map((message) => message.exchange)).toEqual([
      'payment.events',
      'payment.commands',
    ]);
    const { outbox, transitions } = await rowsOf(answer.json().id);
    expect(outbox).toEqual([]);
    expect(transitions[0].published_at).not.toBeNull();
  });

  it('a payment is accepted while the broker is away', async () => {
    const publish = () => Promise.resolve({ kind: 'unavailable', reason: 'away' } as const);
    const own = await startApi({ database, accept: { ...noOutbox, publisher: { publish } } });
    const answer = await post(own, { secret });
    await own.close();
    expect(answer.status).toBe(202);
    expect((await rowsOf(answer.json().id)).transitions[0].published_at).toBeNull();
  });
});

describe('without retries', () => {
  it('each message is given one attempt', async () => {
    const own = await startApi({ database, accept: { flags: { ...flags, retryLogic: false } } });
    const { outbox } = await rowsOf((await post(own, { secret })).json().id);
    await own.close();
    expect(outbox.map((row) => row.headers)).toEqual([
      { 'paysaga-max-attempts': '1' },
      { 'paysaga-max-attempts': '1' },
    ]);
  });
});

describe('reading', () => {
  it('another merchant’s payment is a 404', async () => {
    const { id } = (await post(api, { secret })).json();
    const other = await api.newKey('mer_stranger');
    const answer = await get(`${api.url}/v1/payments/${id}`, other);
    expect(answer.status).toBe(404);
    expect(answer.json().code).toBe('payment_not_found');
    expect((await get(`${api.url}/v1/payments?limit=100`, other)).json().data).toEqual([]);
  });

  it('a compensating refund is shown with the payment', async () => {
    const { id } = (await post(api, { secret })).json();
    await database.sql.query(
      `INSERT INTO refunds (id, payment_id, amount_minor, currency, status, reason)
       VALUES ('re_1', $1, 1250, 'EUR', 'succeeded', 'compensation')`,
      [id],
    );
    const { refunds } = (await get(`${api.url}/v1/payments/${id}`, secret)).json();
    expect(refunds).toEqual([
      expect.objectContaining({ id: 're_1', amount: 1250, reason: 'compensation' }),
    ]);
    expect(Date.now() - Date.parse(refunds[0].created_at)).toBeLessThan(60_000);
  });

  it('pages list every payment once, newest first, and filters narrow them', async () => {
    const merchant = await api.newKey('mer_pages');
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const body = { ...goodBody, reference: index === 2 ? 'two' : 'other' };
      made.unshift((await post(api, { secret: merchant, body })).json().id);
    }
    const seen: string[] = [];
    let url = `${api.url}/v1/payments?limit=2`;
    for (;;) {
      const page = (await get(url, merchant)).json();
      seen.push(...page.data.map((payment: { id: string }) => payment.id));
      if (!page.has_more) break;
      url = `${api.url}/v1/payments?limit=2&starting_after=${seen.at(-1)}`;
    }
    expect(seen).toEqual(made);
    const two = (await get(`${api.url}/v1/payments?reference=two`, merchant)).json();
    expect(two.data.map((payment: { id: string }) => payment.id)).toEqual([made[2]]);
    const idsOf = async (query: string) =>
      (await get(`${api.url}/v1/payments?${query}`, merchant))
        .json()
        .data.map((payment: { id: string }) => payment.id);
    await database.sql.query(
      `UPDATE payments SET currency = 'JPY', created_at = '2026-01-31T12:00:00Z' WHERE id = $1`,
      [made[4]],
    );
    expect(await idsOf('currency=jpy')).toEqual([made[4]]);
    expect(await idsOf('created_before=2026-01-31T12:00:01Z')).toEqual([made[4]]);
    expect(await idsOf('created_after=2026-01-31T13:00:00%2B01:00')).toEqual(made);
    expect(await idsOf('created_after=2026-01-31T12:00:01Z')).toEqual(made.slice(0, 4));
    expect(await idsOf('created_before=2026-01-31T12:00:00Z')).toEqual([]);
    const none = (await get(`${api.url}/v1/payments?status=failed`, merchant)).json();
    expect(none).toEqual({ object: 'list', data: [], has_more: false });
  });
});
