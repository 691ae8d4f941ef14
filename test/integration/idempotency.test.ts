import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from '../support/eventually';
import { get, goodBody, openDatabase, post, settle, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let api: Api;
let secret: string;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database });
  secret = await api.newKey('mer_idempotency');
});
afterAll(async () => {
  await api.close();
  await database.close();
});

async function countOf(key: string) {
  const { rows } = await database.sql.query(
    `SELECT (SELECT count(*)::int FROM idempotency_keys WHERE key = $1) AS keys,
       (SELECT count(*)::int FROM payments WHERE reference = $1) AS payments,
       (SELECT count(*)::int FROM payment_transitions t JOIN payments p ON p.id = t.payment_id
         WHERE p.reference = $1) AS transitions,
       (SELECT count(*)::int FROM outbox_events o JOIN payments p ON p.id = o.aggregate_id
         WHERE p.reference = $1) AS messages`,
    [key],
  );
  return rows[0];
}

const bodyOf = (key: string) => ({ ...goodBody, reference: key });

/** Resolves once a waiting request holds the key, with the payment it made. */
function heldPayment(key: string): Promise<string> {
  return eventually(async () => {
    const { rows } = await database.sql.query(
      'SELECT payment_id FROM idempotency_keys WHERE key = $1 AND locked_until IS NOT NULL',
      [key],
    );
    if (rows.length === 0) throw new Error('the key is not held yet');
    return rows[0].payment_id;
  });
}

async function forget(of: Api): Promise<void> {
  const cached = await of.redis.keys(`${of.keyPrefix}*`);
  if (cached.length > 0) await of.redis.del(...cached);
}

describe('one key', () => {
  it('makes one payment for twenty requests at once, all with the same answer', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(api, { secret, key, body: bodyOf(key) })),
    );
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers.every((answer) => answer.status === 202)).toBe(true);
    const fresh = answers.filter((answer) => !answer.headers.has('Idempotent-Replayed'));
    expect(fresh).toHaveLength(1);
    expect(await countOf(key)).toEqual({ keys: 1, payments: 1, transitions: 1, messages: 2 });
  });

  it('makes one payment when twenty different bodies race for it', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        post(api, { secret, key, body: { ...bodyOf(key), amount: 100 + index } }),
      ),
    );
    const accepted = answers.filter((answer) => answer.status === 202);
    const refused = answers.filter((answer) => answer.status === 422);
    expect([accepted.length, refused.length]).toEqual([1, 19]);
    expect(await countOf(key)).toEqual({ keys: 1, payments: 1, transitions: 1, messages: 2 });
  });

  it('repeats the first answer byte for byte, however the same body is written', async () => {
    const key = randomUUID();
    const first = await post(api, { secret, key, body: bodyOf(key) });
    const again = await post(api, {
      secret,
      key,
      body: `{ "payment_method":"pm_card_visa", "currency":"eur",\n "reference":"${key}", "amount": 1250}`,
    });
    expect(again.status).toBe(202);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('Location')).toBe(first.headers.get('Location'));
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('repeats the first answer although the payment has moved on', async () => {
    const key = randomUUID();
    const first = await post(api, { secret, key, body: bodyOf(key) });
    await settle(database, { paymentId: first.json().id, to: 'succeeded' });
    await forget(api);
    expect((await post(api, { secret, key, body: bodyOf(key) })).text).toBe(first.text);
  });

  it('is refused for another body', async () => {
    const key = randomUUID();
    await post(api, { secret, key });
    const other = await post(api, { secret, key, body: { ...goodBody, amount: 1251 } });
    expect(other.status).toBe(422);
    expect(other.json()).toMatchObject({ code: 'idempotency_key_reused', retryable: false });
  });

  it('of another merchant is another key', async () => {
    const key = randomUUID();
    const first = await post(api, { secret, key });
    const other = await post(api, { secret: await api.newKey('mer_other'), key });
    expect(other.status).toBe(202);
    expect(other.json().id).not.toBe(first.json().id);
  });

  it('is not used up by a request that was refused', async () => {
    const key = randomUUID();
    expect((await post(api, { secret, key, body: '{}' })).status).toBe(400);
    expect((await post(api, { secret, key })).status).toBe(202);
  });
});

describe('losing Redis', () => {
  it('by a flush changes no answer', async () => {
    const key = randomUUID();
    const first = await post(api, { secret, key, body: bodyOf(key) });
    await copies(() => post(api, { secret, key, body: bodyOf(key) }));
    await forget(api);
    const again = await post(api, { secret, key, body: bodyOf(key) });
    expect(again.text).toBe(first.text);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    const other = await post(api, { secret, key, body: goodBody });
    expect(other.status).toBe(422);
  });

  it('does not let one answer pass for another merchant, body or key', async () => {
    const key = randomUUID();
    await post(api, { secret, key });
    const cached = await copies(() => post(api, { secret, key }));
    const entry = (await api.redis.get(cached[0]!))!;
    await forget(api);
    const merchant = await api.newKey('mer_cache');
    await post(api, { secret: merchant, key });
    const own = await copies(() => post(api, { secret: merchant, key }));
    await api.redis.set(own[0]!, entry);
    const answer = await post(api, { secret: merchant, key });
    const { id } = answer.json();
    expect((await get(`${api.url}/v1/payments/${id}`, merchant)).status).toBe(200);
  });

  /** None is made while Redis is slow for a moment; each repeat makes it anew. */
  const copies = (repeat: () => Promise<unknown>) =>
    eventually(async () => {
      await repeat();
      const found = await api.redis.keys(`${api.keyPrefix}*`);
      expect(found).not.toEqual([]);
      return found;
    });

  const twentyRequests = async (to: Api): Promise<number> => {
    const startedAt = performance.now();
    for (let count = 0; count < 20; count += 1) await post(to, { secret });
    return performance.now() - startedAt;
  };

  /** @returns by how many milliseconds twenty requests in a row took longer than with Redis */
  async function expectToWork(redisUrl: string): Promise<number> {
    const without = await startApi({ database, redisUrl });
    try {
      const key = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => post(without, { secret, key, body: bodyOf(key) })),
      );
      expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
      expect((await post(without, { secret, key })).status).toBe(422);
      expect(await countOf(key)).toEqual({ keys: 1, payments: 1, transitions: 1, messages: 2 });
      return (await twentyRequests(without)) - (await twentyRequests(api));
    } finally {
      await without.close();
    }
  }

  // A request on its own would wait 100 ms for Redis; together they wait for one probe a second.
  const acceptableMs = 1_500;

  it('when nothing listens changes no answer', async () => {
    expect(await expectToWork('redis://127.0.0.1:1')).toBeLessThan(acceptableMs);
  });

  it('when it freezes after connecting changes no answer and delays few requests', async () => {
    expect(await withFakeRedis(() => '', expectToWork)).toBeLessThan(acceptableMs);
  });

  it('when it takes no writes changes no answer', async () => {
    const refusal = "-READONLY You can't write against a read only replica.\r\n";
    const reply = (command: string) => (/set$/i.test(command) ? refusal : '$-1\r\n');
    expect(await withFakeRedis(reply, expectToWork)).toBeLessThan(acceptableMs);
  });
});

/** A server that tells a connecting client that it is fine, and answers the rest as given. */
async function withFakeRedis<Result>(
  reply: (command: string) => string,
  use: (redisUrl: string) => Promise<Result>,
): Promise<Result> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (data) => {
      const commands = data.toString().match(/\*\d+\r\n\$\d+\r\n\w+/g) ?? [];
      for (const command of commands) {
        socket.write(/info$/i.test(command) ? '$9\r\nloading:0\r\n' : reply(command));
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await use(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

describe('a waiting request', () => {
  const waiting = { Prefer: 'wait=15' };

  it('holds its key: a repeat is told to come back', async () => {
    const key = randomUUID();
    const first = post(api, { secret, key, headers: waiting });
    const paymentId = await heldPayment(key);
    const repeat = await post(api, { secret, key });
    expect(repeat.status).toBe(409);
    expect(repeat.json()).toMatchObject({ code: 'idempotency_key_in_progress', retryable: true });
    expect(Number(repeat.headers.get('Retry-After'))).toBeGreaterThan(0);
    const other = await post(api, { secret, key, body: { ...goodBody, amount: 1 } });
    expect(other.status).toBe(422);
    await settle(database, { paymentId, to: 'succeeded' });
    expect((await first).status).toBe(201);
  });

  it('answers with the outcome, stored before it is sent and repeated byte for byte', async () => {
    const key = randomUUID();
    const request = post(api, { secret, key, headers: waiting });
    const paymentId = await heldPayment(key);
    await settle(database, { paymentId, to: 'failed', failureCode: 'card_declined' });
    const first = await request;
    expect(first.status).toBe(201);
    expect(first.headers.get('Preference-Applied')).toBe('wait=15');
    expect(first.json()).toMatchObject({
      id: paymentId,
      status: 'failed',
      failure: { code: 'card_declined' },
    });
    await forget(api);
    const again = await post(api, { secret, key });
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  it('answers 202 when the outcome does not come in time, and that answer stands', async () => {
    const key = randomUUID();
    const first = await post(api, { secret, key, headers: { Prefer: 'wait=1' } });
    expect(first.status).toBe(202);
    expect(first.headers.get('Preference-Applied')).toBe('wait=1');
    const again = await post(api, { secret, key });
    expect([again.status, again.text]).toEqual([202, first.text]);
  });

  it('that was lost leaves a key that is answered from the present state, once', async () => {
    const key = randomUUID();
    const { headers } = await post(api, { secret, key, body: bodyOf(key) });
    const paymentId = headers.get('Location')!.split('/').at(-1)!;
    await forget(api);
    await database.sql.query(
      `UPDATE idempotency_keys SET locked_until = clock_timestamp() - interval '1 s' WHERE key = $1`,
      [key],
    );
    await settle(database, { paymentId, to: 'succeeded' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(api, { secret, key, body: bodyOf(key) })),
    );
    const told = answers.filter((answer) => answer.status !== 409);
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told.map((answer) => `${answer.status} ${answer.json().status}`))).toEqual(
      new Set(['201 succeeded']),
    );
    expect((await countOf(key)).payments).toBe(1);
  });

  it('is let go by a shutdown, and its key is not left locked', async () => {
    const other = await startApi({ database });
    const key = randomUUID();
    const request = post(other, { secret, key, headers: waiting });
    await heldPayment(key);
    const startedAt = performance.now();
    await other.close();
    expect((await request).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect((await post(api, { secret, key })).status).toBe(202);
  });
});
