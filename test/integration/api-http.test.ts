import { createHmac, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { problemKinds } from '../../api/problems/catalog';
import { problemSchema } from '../../api/problems/problem-schema';
import {
  get,
  goodBody,
  openDatabase,
  post,
  send,
  startApi,
  webhookSecret,
} from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let api: Api;
let secret: string;
const lines: unknown[] = [];
const write = (fields: object, message: string) => lines.push({ ...fields, message });

beforeAll(async () => {
  database = await openDatabase();
  const log = { debug: write, info: write, warn: write, error: write };
  api = await startApi({ database, log });
  secret = await api.newKey('mer_http');
});
afterAll(async () => {
  await api.close();
  await database.close();
});

const withAmount = (amount: string) =>
  `{"amount":${amount},"currency":"EUR","payment_method":"pm_card_visa"}`;

describe('money', () => {
  it.each([
    ['0'],
    ['-1'],
    ['-0'],
    ['0.1'],
    ['1.0'],
    ['1e3'],
    ['"1e3"'],
    ['"100"'],
    ['100000000'],
    ['9007199254740993'],
    ['1' + '0'.repeat(400)],
    ['null'],
    ['true'],
    ['[100]'],
    ['{}'],
  ])('%s is refused as an amount, never rounded', async (amount) => {
    const answer = await post(api, { secret, body: withAmount(amount) });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('Content-Type')).toContain('application/problem+json');
    expect(answer.json().errors).toEqual([expect.objectContaining({ pointer: '/amount' })]);
  });

  it.each([
    ['EUR', 1],
    ['JPY', 500],
    ['ISK', 500],
    ['BHD', 1230],
    ['USD', 99_999_999],
  ])('%s %i is taken as it is', async (currency, amount) => {
    const answer = await post(api, { secret, body: { ...goodBody, currency, amount } });
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({ currency, amount });
  });

  it.each([
    ['KWD', 1231, '/amount'],
    ['XXX', 100, '/currency'],
    ['EURO', 100, '/currency'],
    [978, 100, '/currency'],
  ])('%s %i is refused', async (currency, amount, pointer) => {
    const answer = await post(api, { secret, body: { ...goodBody, currency, amount } });
    expect(answer.status).toBe(400);
    expect(answer.json().errors).toEqual([expect.objectContaining({ pointer })]);
  });
});

const good = '"amount":1,"currency":"EUR","payment_method":"pm_card_visa"';

describe('a body', () => {
  it.each([
    ['', 'invalid_json'],
    ['{', 'invalid_json'],
    ['[]', 'invalid_request'],
    ['null', 'invalid_request'],
    [`{${good},"amount":1}`, 'invalid_json'],
    [`{${good},"amo\\u0075nt":1}`, 'invalid_json'],
    [`{${good},"metadata":{"a":"1","a":"1"}}`, 'invalid_json'],
    [`{${good},}`, 'invalid_json'],
    ['['.repeat(30_000), 'invalid_json'],
    [`${'['.repeat(500)}${']'.repeat(500)}`, 'invalid_request'],
  ])('of %.40s is refused', async (body, code) => {
    const answer = await post(api, { secret, body });
    expect([answer.status, answer.json().code]).toEqual([400, code]);
  });

  it.each([
    ['"unknown":1', '/unknown', 'unknown_field'],
    ['"__proto__":{"x":1}', '', 'reserved'],
    ['"metadata":{"__proto__":"x"}', '/metadata', 'reserved'],
    ['"metadata":{"constructor":5}', '/metadata/constructor', 'invalid'],
    ['"metadata":{"paysaga_payment_id":"x"}', '/metadata/paysaga_payment_id', 'invalid_name'],
    [`"metadata":{"${'k'.repeat(41)}":"x"}`, `/metadata/${'k'.repeat(41)}`, 'invalid_name'],
    [`"metadata":{"k":"${'v'.repeat(501)}"}`, '/metadata/k', 'invalid'],
    ['"metadata":{"a/b~c":1}', '/metadata/a~1b~0c', 'invalid'],
    ['"reference":"a\\u0000b"', '/reference', 'contains_nul'],
    ['"reference":"\\ud800"', '/reference', 'not_unicode'],
    ['"reference":""', '/reference', 'invalid'],
    ['"capture_method":"later"', '/capture_method', 'invalid'],
    ['"capture_method":"later"', '/capture_method', 'invalid'],
  ])('with %.40s is refused at %s', async (field, pointer, code) => {
    const answer = await post(api, { secret, body: `{${good},${field}}` });
    expect(answer.status).toBe(400);
    expect(answer.json().errors).toEqual([expect.objectContaining({ pointer, code })]);
  });

  it('with a missing field names it', async () => {
    const answer = await post(api, { secret, body: { amount: 1, currency: 'EUR' } });
    expect(answer.json().errors).toEqual([
      { pointer: '/payment_method', code: 'required', detail: 'is required' },
    ]);
  });

  it.each([
    ['"description":"card 4242 4242 4242 4242"'],
    ['"payment_method":"pm_4242424242424242"'],
    ['"metadata":{"4242424242424242":"x"}'],
    ['"x":4242424242424242'],
    ['"x":["378282246310005"]'],
  ])('with a card number in %s is refused, and the number is repeated nowhere', async (field) => {
    const body = `{"amount":1,"currency":"EUR",${field}}`;
    const answer = await post(api, { secret, body });
    expect([answer.status, answer.json().code]).toEqual([400, 'card_number_refused']);
    const everything = JSON.stringify([answer.text, lines]).replaceAll(/[ -]/g, '');
    expect(everything).not.toMatch(/4242424242424242|378282246310005/);
  });

  it('of more than 64 KB is a 413', async () => {
    const answer = await post(api, { secret, body: `"${'x'.repeat(70_000)}"` });
    expect([answer.status, answer.json().code]).toEqual([413, 'body_too_large']);
  });

  it.each(['text/plain', 'application/json; charset=latin1', 'application/xml'])(
    'of type %s is a 415',
    async (type) => {
      const answer = await post(api, { secret, headers: { 'Content-Type': type } });
      expect([answer.status, answer.json().code]).toEqual([415, 'unsupported_media_type']);
    },
  );

  it('that comes compressed is a 415', async () => {
    const answer = await post(api, { secret, headers: { 'Content-Encoding': 'gzip' } });
    expect(answer.status).toBe(415);
  });
});

describe('headers', () => {
  it('a POST without an Idempotency-Key is a 400', async () => {
    const headers = { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' };
    const body = JSON.stringify(goodBody);
    const answer = await send(`${api.url}/v1/payments`, { method: 'POST', headers, body });
    expect([answer.status, answer.json().code]).toEqual([400, 'idempotency_key_missing']);
  });

  it.each([' ', 'a b', 'é', 'k'.repeat(256), '4242424242424242'])(
    'an Idempotency-Key of %.20p is a 400',
    async (key) => {
      const answer = await post(api, { secret, key });
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('4242424242424242');
    },
  );

  it('a usable X-Request-Id is kept, another one replaced', async () => {
    const kept = await post(api, { secret, body: '{', headers: { 'X-Request-Id': 'my-id.1' } });
    expect(kept.headers.get('X-Request-Id')).toBe('my-id.1');
    expect(kept.json().request_id).toBe('my-id.1');
    const other = await post(api, { secret, headers: { 'X-Request-Id': 'a b' } });
    expect(other.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('keys', () => {
  it.each(['', 'Bearer', 'Bearer x', 'Basic abc', `Bearer psk_${'a'.repeat(43)}`])(
    '%p is a 401',
    async (authorization) => {
      const answer = await send(`${api.url}/v1/payments`, { headers: { authorization } });
      expect([answer.status, answer.json().code]).toEqual([401, 'unauthenticated']);
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer');
    },
  );

  it('may do what their scopes say', async () => {
    const reader = await api.newKey('mer_http', ['read']);
    const writer = await api.newKey('mer_http', ['write']);
    expect((await post(api, { secret: reader })).status).toBe(403);
    expect((await get(`${api.url}/v1/payments`, writer)).status).toBe(403);
    expect((await post(api, { secret: writer })).status).toBe(202);
    expect((await get(`${api.url}/v1/payments`, reader)).status).toBe(200);
  });

  it.each([
    ['expired', `expires_at = now() - interval '1 s'`],
    ['revoked', 'revoked_at = now()'],
  ])('that are %s are a 401', async (_state, assignment) => {
    const key = await api.newKey('mer_ended');
    await database.sql.query(`UPDATE api_keys SET ${assignment} WHERE last_four = $1`, [
      key.slice(-4),
    ]);
    expect((await get(`${api.url}/v1/payments`, key)).status).toBe(401);
  });

  it('are stored as a hash only', async () => {
    const { rows } = await database.sql.query('SELECT * FROM api_keys');
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});

describe('addresses', () => {
  it('that do not exist are a 404 problem whose type leads to a page', async () => {
    const answer = await send(`${api.url}/nowhere`);
    expect([answer.status, answer.json().code]).toEqual([404, 'not_found']);
    const page = await send(new URL(answer.json().type, api.url).href);
    expect(page.status).toBe(200);
    expect(page.text).toContain('not_found');
  });

  it.each(Object.entries(problemKinds))(
    'of the errors lead to a page: %s says what to do',
    async (code, { advice }) => {
      const page = await send(`${api.url}/errors/${code}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain(advice);
    },
  );

  it.each([
    ['/v1/payments', 'DELETE', 'GET, POST'],
    ['/v1/payments/pay_1', 'POST', 'GET'],
    ['/v1/webhooks/stripe', 'GET', 'POST'],
    ['/livez', 'POST', 'GET'],
  ])('%s answers %s by 405 and what it takes', async (path, method, allow) => {
    const answer = await send(`${api.url}${path}`, { method });
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, allow]);
  });

  it.each(['pay_x', '%00', '%E0%A4%A', `pay_${'0'.repeat(32)}`])(
    'of payment %s are no server error',
    async (id) => {
      const answer = await get(`${api.url}/v1/payments/${id}`, secret);
      expect([400, 404]).toContain(answer.status);
    },
  );

  it.each([
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['limit=x', '/limit'],
    ['limit=1&limit=2', '/limit'],
    ['status=gone', '/status'],
    ['reference=', '/reference'],
    ['currency=XXX', '/currency'],
    ['starting_after=pay_1', '/starting_after'],
    ['created_after=yesterday', '/created_after'],
    ['created_after=2026-01-01T00:00:00', '/created_after'],
    ['created_before=0000-01-01T00:00:00Z', '/created_before'],
    ['created_after=2026-01-02T00:00:00Z&created_before=2026-01-01T00:00:00Z', '/created_before'],
    ['page=2', '/page'],
  ])('the list refuses ?%s and points to %s', async (query, pointer) => {
    const answer = await get(`${api.url}/v1/payments?${query}`, secret);
    expect([answer.status, answer.json().code]).toEqual([400, 'invalid_request']);
    expect(answer.json().errors).toEqual([expect.objectContaining({ pointer })]);
  });

  it('the metrics count requests by route, not by path', async () => {
    await get(`${api.url}/v1/payments/pay_${'1'.repeat(32)}`, secret);
    const { text } = await send(`${api.url}/metrics`);
    expect(text).toContain('route="/v1/payments/:id",status="404"');
    expect(text).not.toContain('1'.repeat(32));
  });
});

const event = () => ({
  id: `evt_${randomUUID()}`,
  type: 'payment_intent.succeeded',
  created: Math.floor(Date.now() / 1000),
  data: {
    object: {
      id: 'pi_1',
      object: 'payment_intent',
      client_secret: 'pi_1_secret_x',
      metadata: { paysaga_payment_id: 'pay_1' },
    },
  },
});

function deliver(payload: string, { signed = payload, ageSeconds = 0 } = {}) {
  const time = Math.floor(Date.now() / 1000) - ageSeconds;
  const digest = createHmac('sha256', webhookSecret).update(`${time}.${signed}`).digest('hex');
  return send(`${api.url}/v1/webhooks/stripe`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Stripe-Signature': `t=${time},v1=${digest}` },
    body: payload,
  });
}

describe('webhooks', () => {
  it('are stored once however often they come, without their payload', async () => {
    const sent = event();
    const answers = await Promise.all([1, 2, 3].map(() => deliver(JSON.stringify(sent))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    const { rows } = await database.sql.query('SELECT * FROM stripe_events WHERE id = $1', [
      sent.id,
    ]);
    expect(rows).toEqual([
      expect.objectContaining({ provider_intent_id: 'pi_1', payment_id: 'pay_1' }),
    ]);
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('are a 400 and not stored when the signature is wrong, too old or too new', async () => {
    const text = JSON.stringify(event());
    const answers = [
      await deliver(text, { signed: `${text} ` }),
      await deliver(text, { ageSeconds: 400 }),
      await deliver(text, { ageSeconds: -400 }),
    ];
    expect(answers.map((answer) => [answer.status, answer.json().code])).toEqual(
      answers.map(() => [400, 'invalid_signature']),
    );
    const { rows } = await database.sql.query('SELECT 1 FROM stripe_events WHERE id = $1', [
      JSON.parse(text).id,
    ]);
    expect(rows).toEqual([]);
  });
});

describe('webhooks that nobody could store', () => {
  it.each([
    ['a NUL in its id', { id: 'evt_\0' }],
    ['an endless id', { id: `evt_${'x'.repeat(5_000)}` }],
    ['a NUL in the id of its object', { data: { object: { id: '\0', object: 'charge' } } }],
  ])('for %s are a 400', async (_what, part) => {
    const answer = await deliver(JSON.stringify({ ...event(), ...part }));
    expect([answer.status, answer.json().code]).toEqual([400, 'invalid_signature']);
  });
});

describe('the connection', () => {
  /** All that is answered until the connection is closed. */
  async function answerTo(sent: string): Promise<string> {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(sent);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  }

  it.each([
    ['what is no HTTP', 'NONSENSE\r\n\r\n', 400, 'malformed_http'],
    [
      'endless headers',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ])('of %s gets a problem and is closed', async (_what, sent, status, code) => {
    const [head = '', body = ''] = (await answerTo(sent)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*application/problem\\+json`));
    expect(problemSchema.parse(JSON.parse(body))).toMatchObject({ code, type: `/errors/${code}` });
  });
});
