import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createApiKey, seedMerchant } from '../../adapters/postgres/api-keys';
import { createDatabase } from '../../adapters/postgres/client';
import { exchanges } from '../../contracts/topology';
import { startSandbox } from '../../sandbox/server';
import { eventually } from '../support/eventually';
import { startProcess } from '../support/process';
import type { TestProcess } from '../support/process';
import { silentLog } from '../support/silent-log';
import {
  fromStack,
  testNamespace,
  testRedisPrefix,
  uniqueName,
} from '../support/stack-environment';
import { createTestVhost } from '../support/vhost';
import { goodBody, openDatabase, post } from './api-rig.fixture';
import type { OpenDatabase } from './api-rig.fixture';

export const deploy = path.join(__dirname, '../../deploy');

export interface Processes {
  readonly api: TestProcess;
  readonly outbox: TestProcess;
  readonly commands: TestProcess;
}

/** All of paysaga as its three processes, on a database, a broker and task queues of their own. */
export type Fleet = Awaited<ReturnType<typeof startFleet>>;

export async function startFleet() {
  const [database, vhost, sandbox] = await Promise.all([
    openDatabase(),
    createTestVhost(),
    startSandbox(),
  ]);
  const secret = await seedKey(database);
  const env = environment({ database: database.url, broker: vhost.url, sandbox: sandbox.url });
  const start = (entry: string, portVariable: string) => startProcess({ entry, portVariable, env });
  const [api, outbox, commands] = await Promise.all([
    start('api/main.js', 'API_PORT'),
    start('workers/outbox.js', 'WORKER_OUTBOX_PORT'),
    start('workers/commands.js', 'WORKER_COMMANDS_PORT'),
  ]);
  return {
    api,
    outbox,
    commands,
    sql: database.sql,
    /** Makes one payment and waits for its outcome. @returns its id */
    async pay(paymentMethod: string): Promise<string> {
      const body = { ...goodBody, payment_method: paymentMethod };
      const answer = await post(api, { secret, body, headers: { traceparent: newTraceparent() } });
      const { id } = answer.json();
      await settled(database, id);
      return id;
    },
    /** One call of the sandbox's control interface. */
    async fault(fault: object): Promise<void> {
      const answer = await fetch(`${sandbox.url}/_sandbox/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fault),
        signal: AbortSignal.timeout(5_000),
      });
      if (!answer.ok) throw new Error(`the sandbox answers ${answer.status}`);
    },
    /** A row that the broker returns twice; then it is dead. */
    async addUnroutable(): Promise<void> {
      await database.sql.query(
        `INSERT INTO outbox_events (id, aggregate_id, type, exchange, routing_key, payload, headers)
         VALUES ($1, $2, 'payment.commands.process.v1', $3, 'nobody', '{}', $4)`,
        [randomUUID(), uniqueName('pay'), exchanges.commands, { 'paysaga-max-attempts': '2' }],
      );
    },
    async close() {
      await Promise.all([api.stop(), outbox.stop(), commands.stop()]);
      await sandbox.close();
      await Promise.all([database.close(), vhost.drop()]);
    },
  };
}

function environment(urls: { database: string; broker: string; sandbox: string }) {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: urls.database,
    DATABASE_POOL_SIZE: '4',
    REDIS_URL: fromStack('REDIS_URL'),
    REDIS_KEY_PREFIX: testRedisPrefix(),
    RABBITMQ_URL: urls.broker,
    TEMPORAL_ADDRESS: fromStack('TEMPORAL_ADDRESS'),
    TEMPORAL_NAMESPACE: testNamespace(),
    SAGA_TASK_QUEUE: uniqueName('saga'),
    RELAY_TASK_QUEUE: uniqueName('relay'),
    WORKFLOW_BUNDLE_PATH: fromStack('WORKFLOW_BUNDLE_PATH'),
    RELAY_POLL_MS: '200',
    RELAY_RETRY_INITIAL_MS: '50',
    SAGA_RETRY_INITIAL_MS: '50',
    SAGA_UNDO_ATTEMPTS: '2',
    STRIPE_API_KEY: 'sk_test_fleet',
    STRIPE_API_URL: urls.sandbox,
    STRIPE_WEBHOOK_SECRET: 'whsec_fleet',
  };
}

async function seedKey(database: OpenDatabase): Promise<string> {
  const own = createDatabase({
    databaseUrl: database.url,
    poolSize: 1,
    applicationName: 'test',
    log: silentLog,
  });
  const merchantId = uniqueName('mer');
  await seedMerchant(own.prisma, { id: merchantId, name: 'Fleet' });
  const { secret } = await createApiKey(own.prisma, { merchantId, scopes: ['read', 'write'] });
  await own.close();
  return secret;
}

function newTraceparent(): string {
  const hex = () => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(0, 16)}-01`;
}

function settled({ sql }: OpenDatabase, paymentId: string): Promise<void> {
  return eventually(
    async () => {
      const { rows } = await sql.query('SELECT status FROM payments WHERE id = $1', [paymentId]);
      const status: unknown = rows[0]?.status;
      if (status === 'pending' || status === 'processing') throw new Error(`is ${status}`);
    },
    { timeoutMs: 20_000, intervalMs: 50 },
  );
}

/** Lets the database refuse, for good, that any payment succeeds. */
export async function refuseSuccess({ sql }: Pick<Fleet, 'sql'>): Promise<() => Promise<void>> {
  await sql.query(`
    CREATE FUNCTION refuse_success() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.status = 'succeeded' THEN RAISE EXCEPTION 'planted'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_success BEFORE UPDATE ON payments
      FOR EACH ROW EXECUTE FUNCTION refuse_success()`);
  return async () => {
    await sql.query('DROP TRIGGER refuse_success ON payments');
    await sql.query('DROP FUNCTION refuse_success');
  };
}

export interface NamedQuery {
  readonly name: string;
  readonly expression: string;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Every query of every panel of the dashboards. */
export function panelQueries(): NamedQuery[] {
  const folder = path.join(deploy, 'grafana/dashboards');
  return readdirSync(folder).flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as {
      panels: readonly Panel[];
    };
    return panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ name: `${file}: ${title}`, expression: expr })),
    );
  });
}

const selector =
  /\b(?:paysaga|http|temporal|nodejs|process)_[a-z0-9_]+(?:\{[^}]*\})?|\bup\{[^}]*\}/g;

/** What an expression reads: a rule that never fires must at least look at something that exists. */
export function selectorsOf(expression: string): string[] {
  return expression.match(selector) ?? [];
}
