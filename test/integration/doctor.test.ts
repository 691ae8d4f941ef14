import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import amqp from 'amqplib';
import { Client as SqlClient } from 'pg';
import { assertTopology } from '../../adapters/rabbitmq/topology';
import { createTemporalClient } from '../../adapters/temporal/client';
import { queues } from '../../contracts/topology';
import { startSandbox } from '../../sandbox/server';
import type { RunningSandbox } from '../../sandbox/server';
import { runCommand } from '../support/command';
import { createEmptyDatabase, createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { createTestVhost } from '../support/vhost';
import type { TestVhost } from '../support/vhost';

let database: TestDatabase;
let vhost: TestVhost;
let sandbox: RunningSandbox;

beforeAll(async () => {
  [database, vhost, sandbox] = await Promise.all([
    createTestDatabase(),
    createTestVhost(),
    startSandbox(),
  ]);
  await onChannel(vhost.url, assertTopology);
});
afterAll(async () => {
  await sandbox?.close();
  await Promise.all([database?.drop(), vhost?.drop()]);
});

function doctor(env: Readonly<Record<string, string>> = {}) {
  return runCommand('operate/doctor.js', {
    env: {
      DATABASE_URL: database.url,
      RABBITMQ_URL: vhost.url,
      REDIS_URL: fromStack('REDIS_URL'),
      TEMPORAL_ADDRESS: fromStack('TEMPORAL_ADDRESS'),
      TEMPORAL_NAMESPACE: testNamespace(),
      STRIPE_API_KEY: 'sk_test_geheim',
      STRIPE_API_URL: sandbox.url,
      STRIPE_WEBHOOK_SECRET: 'whsec_geheim',
      ...env,
    },
  });
}

/** What the doctor calls a problem, without that word; and no secret of the settings is shown. */
async function problemsWith(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { code, lines, output } = await doctor(env);
  const problems = lines.filter((line) => line.startsWith('problem'));
  expect([code, output]).toEqual([1, expect.not.stringContaining('geheim')]);
  return problems.map((line) => line.replace(/^problem +/, ''));
}

const each = (...patterns: RegExp[]) => patterns.map((pattern) => expect.stringMatching(pattern));

test('finds nothing on servers that are in order, and exits 0', async () => {
  const { code, lines } = await doctor();
  expect(lines.map((line) => line.replace(/^(\w+) +([^:]+):.*$/, '$1 $2'))).toEqual([
    'ok postgres',
    'ok migrations',
    'ok postgres clock',
    'ok rabbitmq',
    'ok queues',
    'ok redis',
    'ok temporal',
    'ok search attributes',
    'ok stripe',
    'ok stripe clock',
    'ok webhook secret',
    'ok flags',
  ]);
  expect(code).toBe(0);
});

test('names every server that does not answer, and what to do', async () => {
  const away = {
    DATABASE_URL: 'postgresql://u:geheim@127.0.0.1:1/x',
    RABBITMQ_URL: 'amqp://u:geheim@127.0.0.1:1',
    REDIS_URL: 'redis://:geheim@127.0.0.1:1',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    STRIPE_API_URL: 'http://127.0.0.1:1',
  };
  expect(await problemsWith(away)).toEqual(
    each(
      /^postgres: .*ECONNREFUSED.* -> is it running, and does DATABASE_URL name it/,
      /^rabbitmq: .*ECONNREFUSED.* -> is it running, and does RABBITMQ_URL name it/,
      /^redis: .*ECONNREFUSED.* -> is it running, and does REDIS_URL name it/,
      /^temporal: no answer from 127\.0\.0\.1:1 .* -> is it running, and does TEMPORAL_ADDRESS/,
      /^stripe: .* -> can this machine reach it/,
    ),
  );
});

test('names every setting that is wrong, and the value it should have', async () => {
  const nowhere = new URL(database.url);
  nowhere.pathname = '/nowhere';
  const wrong = {
    DATABASE_URL: nowhere.href,
    TEMPORAL_NAMESPACE: 'nowhere',
    STRIPE_API_KEY: 'sk_live_geheim',
    STRIPE_WEBHOOK_SECRET: 'sk_test_geheim',
    ENABLE_RETRY_LOGIC: 'false',
  };
  expect(await problemsWith(wrong)).toEqual(
    each(
      /^postgres: .*nowhere.* -> create the database/,
      /^temporal: there is no namespace nowhere -> temporal operator namespace create/,
      /^stripe: the key is live while STRIPE_API_URL .* -> unset STRIPE_API_URL/,
      /^webhook secret: .*it is an API key -> copy the endpoint's signing secret/,
      /^flags: .*ENABLE_RETRY_LOGIC is off.* -> set .* or ENABLE_RETRY_LOGIC=true for phase 5/,
    ),
  );
});

test('names settings that cannot be read, all at once', async () => {
  const unreadable = { REDIS_URL: 'nonsense://geheim', DATABASE_URL_FILE: '/nowhere' };
  expect(await problemsWith(unreadable)).toEqual(
    each(
      /^settings: DATABASE_URL: is set, and so is DATABASE_URL_FILE/,
      /^settings: REDIS_URL: must start with redis:/,
    ),
  );
});

describe('on servers that answer and are not in order', () => {
  async function onChanged(change: {
    readonly sql: string;
    readonly topology: (channel: amqp.Channel) => Promise<unknown>;
    readonly env: Record<string, string>;
  }): Promise<readonly string[]> {
    const [ownDatabase, ownVhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
    await onSql(ownDatabase.url, change.sql);
    await onChannel(ownVhost.url, assertTopology);
    await onChannel(ownVhost.url, change.topology);
    const env = { DATABASE_URL: ownDatabase.url, RABBITMQ_URL: ownVhost.url, ...change.env };
    const problems = await problemsWith(env);
    await Promise.all([ownDatabase.drop(), ownVhost.drop()]);
    return problems;
  }

  test('it names migrations that are missing and queues that are, and makes neither', async () => {
    const [bare, empty] = await Promise.all([createEmptyDatabase(), createTestVhost()]);
    const env = {
      DATABASE_URL: bare.url,
      RABBITMQ_URL: empty.url,
      STRIPE_WEBHOOK_SECRET: 'whsec_replace_me',
    };
    expect(await problemsWith(env)).toEqual(
      each(
        /^migrations: not applied: \d+_foundation.* -> npm run migrate/,
        /^queues: .*queue payment\.commands\.process is missing.* -> start or restart a worker/,
        /^webhook secret: .*\.env\.example -> copy/,
      ),
    );
    expect(await empty.manage('queues/%v')).toEqual([]);
    await Promise.all([bare.drop(), empty.drop()]);
  });

  test('it names an unfinished migration, a queue declared otherwise, and a refused key', async () => {
    const stripe = await startStripe({ status: 401, date: new Date() });
    const problems = await onChanged({
      sql: 'UPDATE _prisma_migrations SET finished_at = NULL',
      topology: async (channel) => {
        await channel.deleteQueue(queues.processCommands);
        await channel.assertQueue(queues.processCommands, {
          arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 },
        });
      },
      env: { STRIPE_API_URL: stripe.url },
    });
    stripe.close();
    expect(problems).toEqual(
      each(
        /^migrations: did not finish: \d+_foundation.* -> mend what/,
        /^queues: queue payment\.commands\.process was declared differently \(x-.*\) -> empty and/,
        /^stripe: the test key is refused -> take a new secret key/,
      ),
    );
  });

  test('it names a newer database, commands that nobody takes, and a clock unlike Stripe', async () => {
    const stripe = await startStripe({ status: 200, date: new Date(Date.now() - 3_600_000) });
    const problems = await onChanged({
      sql: `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
        VALUES ('x', 'x', '29990101000000_later', now())`,
      topology: async (channel) =>
        channel.sendToQueue(queues.processCommands, Buffer.from('{}'), { persistent: true }),
      env: { STRIPE_API_URL: stripe.url },
    });
    stripe.close();
    expect(problems).toEqual(
      each(
        /^migrations: unknown to this release: 2999\S* -> run a release/,
        /^queues: 1 command\(s\) wait .* nobody takes them -> start the command worker/,
        /^stripe clock: this machine is 3\d{3}\.\d s ahead of Stripe -> set both machines by NTP/,
      ),
    );
  });

  test('it names a clock unlike the database', async () => {
    // A function of the same name before the system's own, for every session of this database.
    const sql = `CREATE SCHEMA skewed;
      CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
        $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$;
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = skewed, pg_catalog, public',
        current_database()); END $$`;
    expect(await onChanged({ sql, topology: () => Promise.resolve(), env: {} })).toEqual(
      each(/^postgres clock: this machine is 3\d{3}\.\d s behind PostgreSQL -> set both machines/),
    );
  });
});

test('names the search attributes that a namespace lacks, with the command that adds them', async () => {
  const namespace = uniqueName('bare').replaceAll('_', '-');
  const temporal = createTemporalClient({ address: fromStack('TEMPORAL_ADDRESS'), namespace });
  await temporal.client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await temporal.close();
  // The server's parts hear of a new namespace one after the other.
  await eventually(
    async () =>
      expect(await problemsWith({ TEMPORAL_NAMESPACE: namespace })).toEqual(
        each(
          /^search attributes: missing, .*: PaymentStatus=Keyword, .* -> temporal operator search-attribute create .*Int$/,
        ),
      ),
    { timeoutMs: 30_000, intervalMs: 500 },
  );
});

async function onSql(url: string, statement: string): Promise<void> {
  const sql = new SqlClient({ connectionString: url });
  await sql.connect();
  await sql.query(statement);
  await sql.end();
}

async function onChannel(
  url: string,
  act: (channel: amqp.Channel) => Promise<unknown>,
): Promise<void> {
  const connection = await amqp.connect(url);
  const channel = await connection.createChannel();
  await act(channel);
  // Before the connection: what was published is sent first.
  await channel.close();
  await connection.close();
}

async function startStripe(answer: { readonly status: number; readonly date: Date }) {
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      date: answer.date.toUTCString(),
    });
    response.end(
      answer.status === 200
        ? '{"object":"list","data":[],"has_more":false,"url":"/v1/payment_intents"}'
        : '{"error":{"type":"invalid_request_error","message":"Invalid API Key: geheim"}}',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
