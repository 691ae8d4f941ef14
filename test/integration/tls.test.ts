import { randomUUID } from 'node:crypto';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import amqp from 'amqplib';
import { createDatabase } from '../../adapters/postgres/client';
import { createApiKey, seedMerchant } from '../../adapters/postgres/api-keys';
import { assertTopology } from '../../adapters/rabbitmq/topology';
import { startSandbox } from '../../sandbox/server';
import type { RunningSandbox } from '../../sandbox/server';
import { createAuthority, readPair } from '../support/certificates';
import type { CertificateFiles } from '../support/certificates';
import { runCommand } from '../support/command';
import { eventually } from '../support/eventually';
import { startProcess } from '../support/process';
import { silentLog } from '../support/silent-log';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { startTlsServers } from '../support/tls-servers';
import type { TlsServers } from '../support/tls-servers';

const parts = ['DATABASE', 'RABBITMQ', 'REDIS', 'TEMPORAL'] as const;

let servers: TlsServers;
let sandbox: RunningSandbox;
let client: CertificateFiles;
let env: Record<string, string>;

beforeAll(async () => {
  [servers, sandbox] = await Promise.all([startTlsServers(), startSandbox()]);
  client = servers.authority.issue('client');
  env = {
    DATABASE_URL: servers.databaseUrl,
    RABBITMQ_URL: servers.rabbitUrl,
    REDIS_URL: servers.redisUrl,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TEMPORAL_NAMESPACE: testNamespace(),
    STRIPE_API_KEY: 'sk_test_tls',
    STRIPE_API_URL: sandbox.url,
    STRIPE_WEBHOOK_SECRET: 'whsec_tls',
    ...Object.assign({}, ...parts.map((part) => certificatesOf(part))),
  };
  const migrated = await runCommand('prisma/migrate.js', { env });
  if (migrated.code !== 0) throw new Error(migrated.output);
  const broker = await amqp.connect(servers.rabbitUrl, {
    ca: readFileSync(servers.authority.ca),
    ...readPair(client),
  });
  await assertTopology(await broker.createChannel());
  await broker.close();
}, 60_000);

afterAll(async () => {
  await sandbox?.close();
  await servers?.close();
}, 60_000);

function certificatesOf(part: string): Record<string, string> {
  return {
    [`${part}_CA_FILE`]: servers.authority.ca,
    [`${part}_CERT_FILE`]: client.cert,
    [`${part}_KEY_FILE`]: client.key,
  };
}

const names = { DATABASE: 'postgres', RABBITMQ: 'rabbitmq', REDIS: 'redis', TEMPORAL: 'temporal' };

async function problemsWith(changed: Record<string, string>): Promise<readonly string[]> {
  const { lines } = await runCommand('operate/doctor.js', { env: { ...env, ...changed } });
  return lines
    .filter((line) => line.startsWith('problem'))
    .map((line) => /^problem +([^:]+):/.exec(line)?.[1] ?? line);
}

test('every server that wants TLS and a certificate gets both', async () => {
  const { code, output } = await runCommand('operate/doctor.js', { env });
  expect([code, output]).toEqual([0, expect.not.stringContaining('problem')]);
});

describe.each(parts)('%s', (part) => {
  test('is not spoken to when a stranger signed its certificate', async () => {
    const stranger = createAuthority(path.join(servers.folder, uniqueName('stranger')));
    expect(await problemsWith({ [`${part}_CA_FILE`]: stranger.ca })).toEqual([names[part]]);
  });

  test('does not let in who shows no certificate', async () => {
    const without = { [`${part}_CERT_FILE`]: '', [`${part}_KEY_FILE`]: '' };
    expect(await problemsWith(without)).toEqual([names[part]]);
  });
});

test('a payment passes through all processes, every connection encrypted', async () => {
  const shared = {
    ...env,
    NODE_ENV: 'test',
    SAGA_TASK_QUEUE: uniqueName('saga'),
    RELAY_TASK_QUEUE: uniqueName('relay'),
    WORKFLOW_BUNDLE_PATH: fromStack('WORKFLOW_BUNDLE_PATH'),
  };
  const [commands, outbox, api] = await Promise.all([
    startProcess({
      entry: 'workers/commands.js',
      portVariable: 'WORKER_COMMANDS_PORT',
      env: shared,
    }),
    startProcess({ entry: 'workers/outbox.js', portVariable: 'WORKER_OUTBOX_PORT', env: shared }),
    startProcess({ entry: 'api/main.js', portVariable: 'API_PORT', env: shared }),
  ]);
  const secret = await newSecret();
  const answer = await fetch(`${api.url}/v1/payments`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${secret}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: '{"amount":1250,"currency":"EUR","payment_method":"pm_card_visa"}',
  });
  const { id } = (await answer.json()) as { id: string };
  await eventually(
    async () => {
      const read = await fetch(`${api.url}/v1/payments/${id}`, {
        headers: { Authorization: `Bearer ${secret}` },
      });
      expect(await read.json()).toMatchObject({ status: 'succeeded' });
    },
    { timeoutMs: 20_000 },
  );
  const ready = await fetch(`${api.url}/readyz`, {
    headers: { Authorization: `Bearer ${secret}` },
  });
  expect(await ready.json()).toMatchObject({
    parts: { postgres: { state: 'ok' }, redis: { state: 'ok' }, temporal: { state: 'ok' } },
  });
  expect(await Promise.all([api, outbox, commands].map((each) => each.stop()))).toEqual([0, 0, 0]);
}, 90_000);

async function newSecret(): Promise<string> {
  const database = createDatabase({
    databaseUrl: servers.databaseUrl,
    tls: { ca: readFileSync(servers.authority.ca, 'utf8'), ...readPair(client) },
    poolSize: 1,
    applicationName: 'tls-test',
    log: silentLog,
  });
  await seedMerchant(database.prisma, { id: 'mer_tls', name: 'TLS' });
  const key = { merchantId: 'mer_tls', scopes: ['read', 'write', 'operate'] as const };
  const { secret } = await createApiKey(database.prisma, key);
  await database.close();
  return secret;
}

test("Temporal's API key goes with each call, encrypted, and is printed nowhere", async () => {
  const seen: (string | undefined)[] = [];
  const server = http2.createSecureServer(readPair(servers.authority.issue('cloud')));
  server.on('stream', (stream, headers) => {
    seen.push(headers.authorization);
    // UNIMPLEMENTED: whatever is asked, the answer ends there.
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { output } = await runCommand('operate/doctor.js', {
    env: {
      ...env,
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
      TEMPORAL_API_KEY: 'geheim',
      TEMPORAL_CERT_FILE: '',
      TEMPORAL_KEY_FILE: '',
    },
  });
  server.close();
  expect(seen).toContain('Bearer geheim');
  expect(output).not.toContain('geheim');
});
