import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { compiled } from '../../dev/stack/folders';
import { createApiKey, seedMerchant } from '../../adapters/postgres/api-keys';
import { createDatabase } from '../../adapters/postgres/client';
import { query } from '../../dev/stack/database';
import { startApiProcess } from '../support/api-process';
import { eventually } from '../support/eventually';
import { silentLog } from '../support/silent-log';
import { fromStack } from '../support/stack-environment';
import { goodBody, openDatabase, post } from './api-rig.fixture';
import type { OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let secret: string;
let reader: string;

beforeAll(async () => {
  database = await openDatabase();
  const own = createDatabase({
    databaseUrl: database.url,
    poolSize: 1,
    applicationName: 'test',
    log: silentLog,
  });
  await seedMerchant(own.prisma, { id: 'mer_process', name: 'Process' });
  const key = { merchantId: 'mer_process', scopes: ['read', 'write', 'operate'] as const };
  secret = (await createApiKey(own.prisma, key)).secret;
  reader = (await createApiKey(own.prisma, { ...key, scopes: ['read'] })).secret;
  await own.close();
});
afterAll(() => database.close());

const startApi = (env?: Record<string, string>) => startApiProcess(database.url, env);

async function countOf(reference: string) {
  const { rows } = await database.sql.query(
    `SELECT (SELECT count(*)::int FROM payments WHERE reference = $1) AS payments,
       (SELECT count(*)::int FROM outbox_events o JOIN payments p ON p.id = o.aggregate_id
         WHERE p.reference = $1) AS messages`,
    [reference],
  );
  return rows[0];
}

/** Resolves once the API's statement stands at a lock. */
function statementWaits(): Promise<void> {
  return eventually(async () => {
    const { rows } = await database.sql.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'paysaga-api'
         AND datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(rows).not.toEqual([]);
  });
}

const waiting = { Prefer: 'wait=15' };

describe('the API process', () => {
  it('killed before its commit leaves one payment to the caller who repeats the key', async () => {
    const key = randomUUID();
    const body = { ...goodBody, reference: key };
    const killed = await startApi();
    await database.sql.query('BEGIN; LOCK TABLE outbox_events IN ACCESS EXCLUSIVE MODE');
    const lost = post(killed, { secret, key, body }).catch(() => 'lost');
    try {
      await statementWaits();
      await killed.kill('SIGKILL');
    } finally {
      await database.sql.query('ROLLBACK');
    }
    expect(await lost).toBe('lost');
    const next = await startApi();
    const repeated = await post(next, { secret, key, body });
    expect(repeated.status).toBe(202);
    expect(await countOf(key)).toEqual({ payments: 1, messages: 2 });
    expect(await next.stop()).toBe(0);
  });

  it('killed after its commit and before its answer has its key answered by the next', async () => {
    const env = { API_WAIT_CAP_MS: '1000', IDEMPOTENCY_LOCK_MS: '1500' };
    const key = randomUUID();
    const body = { ...goodBody, reference: key };
    const killed = await startApi(env);
    const lost = post(killed, { secret, key, body, headers: waiting }).catch(() => 'lost');
    await eventually(async () => expect((await countOf(key)).payments).toBe(1));
    await killed.kill('SIGKILL');
    expect(await lost).toBe('lost');
    const next = await startApi(env);
    const repeated = await eventually(async () => {
      const answer = await post(next, { secret, key, body });
      expect(answer.status).not.toBe(409);
      return answer;
    });
    expect([repeated.status, repeated.json().reference]).toEqual([202, key]);
    expect(await countOf(key)).toEqual({ payments: 1, messages: 2 });
    await next.stop();
  });

  it('answers those who wait when it is told to stop, twice, and exits 0', async () => {
    const api = await startApi();
    const key = randomUUID();
    const body = { ...goodBody, reference: key };
    const request = post(api, { secret, key, body, headers: waiting });
    await eventually(async () => expect((await countOf(key)).payments).toBe(1));
    process.kill(api.pid, 'SIGINT');
    process.kill(api.pid, 'SIGINT');
    expect((await request).status).toBe(202);
    expect(await api.exited).toEqual({ code: 0, signal: null });
    expect(api.log()).toContain('api stopped');
  });

  it('loses no accepted payment when it is stopped under load', async () => {
    const api = await startApi();
    const reference = randomUUID();
    const accepted: string[] = [];
    let isStopped = false;
    const sendUntilRefused = async (): Promise<void> => {
      for (;;) {
        const answer = await post(api, { secret, body: { ...goodBody, reference } }).catch(
          () => null,
        );
        if (answer?.status === 202) accepted.push(answer.json().id);
        else if (isStopped) return;
      }
    };
    const senders = Array.from({ length: 10 }, sendUntilRefused);
    await eventually(() => expect(accepted.length).toBeGreaterThan(100));
    isStopped = true;
    expect(await api.stop()).toBe(0);
    await Promise.all(senders);
    const { rows } = await database.sql.query('SELECT id FROM payments WHERE reference = $1', [
      reference,
    ]);
    const stored = new Set(rows.map((row) => row.id));
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
  });

  it('is ready without Redis, Temporal and RabbitMQ, and says what is missing', async () => {
    const api = await startApi({ REDIS_URL: 'redis://127.0.0.1:1' });
    const anybody = await fetch(`${api.url}/readyz`);
    expect([anybody.status, await anybody.json()]).toEqual([200, { status: 'ready' }]);
    const operator = await fetch(`${api.url}/readyz`, {
      headers: { Authorization: `Bearer ${secret}` },
    });
    expect(await operator.json()).toMatchObject({
      status: 'ready',
      parts: {
        postgres: { state: 'ok' },
        redis: { state: 'degraded', reason: expect.any(String) },
        temporal: { state: 'degraded', reason: expect.any(String) },
      },
    });
    expect((await post(api, { secret })).status).toBe(202);
    await api.stop();
  });

  it('shows no parts to a key without the scope, nor to one that does not exist', async () => {
    const api = await startApi();
    const statusWith = async (key: string) =>
      (await fetch(`${api.url}/readyz`, { headers: { Authorization: `Bearer ${key}` } })).status;
    expect(await statusWith('psk_unknown')).toBe(401);
    expect(await statusWith(reader)).toBe(403);
    await api.stop();
  });

  it('is not ready without Postgres, answers 503, and recovers by itself', async () => {
    const api = await startApi();
    const name = new URL(database.url).pathname.slice(1);
    const admin = fromStack('DATABASE_URL');
    await database.sql.end();
    await query(admin, `ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
    await query(
      admin,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    );
    try {
      expect((await fetch(`${api.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${api.url}/livez`)).status).toBe(200);
      const refused = await post(api, { secret });
      expect([refused.status, refused.json().code]).toEqual([503, 'service_unavailable']);
    } finally {
      await query(admin, `ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
    }
    await eventually(async () => expect((await post(api, { secret })).status).toBe(202));
    expect(await api.stop()).toBe(0);
  });

  it('does not start on a wrong environment, and names every error at once', async () => {
    const child = spawn(process.execPath, [compiled('api/main.js')], {
      env: { PATH: process.env['PATH'], DATABASE_URL: 'mysql://u:geheim@h/d', API_PORT: 'x' },
    });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    for (const name of ['DATABASE_URL', 'API_PORT', 'REDIS_URL', 'TEMPORAL_ADDRESS']) {
      expect(text).toContain(name);
    }
    expect(text).not.toContain('geheim');
  });
});
