import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CHILDREN } from '../../dev/ensure/stacks.cjs';
import { ROOT } from '../../dev/stack/folders';
import { choosePorts } from '../../dev/stack/ports';
import { logTail, ProcessTable, untilHealthy } from '../../dev/stack/processes';
import type { ManagedProcess } from '../../dev/stack/processes';
import { composeServices } from '../support/compose';
import type { ComposeService } from '../support/compose';
import { createEmptyDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { assembleImage, readImage } from '../support/image';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { createTestVhost } from '../support/vhost';
import type { TestVhost } from '../support/vhost';

// The packages are those of the clone. A folder of packages from `npm ci --omit=dev
// --omit=optional` can be named instead, to try the very installation that the image has.
const MODULES = process.env['TEST_IMAGE_MODULES'] ?? path.join(ROOT, 'node_modules');
const SECRETS = {
  POSTGRES_PASSWORD: 'a',
  PAYSAGA_DB_PASSWORD: 'b',
  TEMPORAL_DB_PASSWORD: 'c',
  RABBITMQ_PASSWORD: 'd',
  REDIS_PASSWORD: 'e',
  GRAFANA_PASSWORD: 'f',
  STRIPE_API_KEY: ['sk', 'test', 'sandbox'].join('_'),
  STRIPE_WEBHOOK_SECRET: 'whsec_containers',
};

let services: Readonly<Record<string, ComposeService>>;
let table: ProcessTable;
let folder: string;
let database: TestDatabase;
let vhost: TestVhost;
let ports: Readonly<Record<'api' | 'outbox' | 'commands' | 'sandbox', number>>;
const running = new Map<string, ManagedProcess>();

beforeAll(async () => {
  services = composeServices(SECRETS);
  folder = mkdtempSync(path.join(tmpdir(), 'paysaga-image-'));
  for (const target of ['production', 'sandbox']) {
    mkdirSync(path.join(folder, target));
    assembleImage(target, { folder: path.join(folder, target), modules: MODULES });
  }
  const records = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN, uniqueName('image'));
  mkdirSync(records, { recursive: true });
  table = new ProcessTable(records, true);
  [database, vhost] = await Promise.all([createEmptyDatabase(), createTestVhost()]);
  ports = await choosePorts(['api', 'outbox', 'commands', 'sandbox']);
});

afterAll(async () => {
  await table.stopRest();
  await Promise.all([database.drop(), vhost.drop()]);
  rmSync(folder, { recursive: true });
});

/** Only what stands for the network of the containers differs from the compose file. */
function onThisMachine(name: string): Record<string, string> {
  const sandboxUrl = `http://127.0.0.1:${ports.sandbox}`;
  const queue = (kind: string) => `${kind}-${vhost.name}`;
  const all: Record<string, Record<string, string>> = {
    migrate: { DATABASE_URL: database.url },
    'stripe-sandbox': {
      SANDBOX_HOST: '127.0.0.1',
      SANDBOX_PORT: String(ports.sandbox),
      SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${ports.api}/v1/webhooks/stripe`,
    },
    api: {
      ...servers(),
      REDIS_URL: fromStack('REDIS_URL'),
      REDIS_KEY_PREFIX: `${vhost.name}:`,
      STRIPE_API_URL: sandboxUrl,
      SAGA_TASK_QUEUE: queue('saga'),
      API_HOST: '127.0.0.1',
      API_PORT: String(ports.api),
    },
    'outbox-worker': {
      ...servers(),
      RELAY_TASK_QUEUE: queue('relay'),
      WORKER_HEALTH_HOST: '127.0.0.1',
      WORKER_OUTBOX_PORT: String(ports.outbox),
    },
    'command-worker': {
      ...servers(),
      STRIPE_API_URL: sandboxUrl,
      SAGA_TASK_QUEUE: queue('saga'),
      WORKER_HEALTH_HOST: '127.0.0.1',
      WORKER_COMMANDS_PORT: String(ports.commands),
    },
  };
  return all[name] ?? {};
}

function servers(): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    RABBITMQ_URL: vhost.url,
    TEMPORAL_ADDRESS: fromStack('TEMPORAL_ADDRESS'),
    TEMPORAL_NAMESPACE: testNamespace(),
  };
}

/** The command of the compose file, or one for `docker compose exec`, in the folder of the image, with nothing inherited but PATH. */
function start(name: string, given?: readonly string[]): ManagedProcess {
  const { build, command, environment } = services[name]!;
  const target = build!.target;
  const home = path.join(folder, target);
  const [program = '', ...args] = given ?? command ?? readImage(target).command;
  const settings = { ...readImage(target).environment, ...environment, ...onThisMachine(name) };
  const env = Object.entries(settings).map(([key, value]) => [
    key,
    (value ?? '').replace(/^\/app\//, `${home}/`),
  ]);
  return table.spawn({
    name: given === undefined ? name : path.basename(args[0] ?? '', '.js'),
    command: program,
    args,
    cwd: home,
    env: { ...Object.fromEntries(env), PATH: pathOfThisNode() },
    stopDeadlineMs: 40_000,
  });
}

function pathOfThisNode(): string {
  return `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
}

/** The health check of the compose file, asked at the port that the process has here. */
function isHealthy(name: string, port: number): boolean {
  const { build, healthcheck } = services[name]!;
  const [kind, program = '', ...args] = healthcheck!.test;
  expect(kind).toBe('CMD');
  const { status } = spawnSync(
    program,
    args.map((text) => text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)),
    { cwd: path.join(folder, build!.target), env: { PATH: pathOfThisNode() } },
  );
  return status === 0;
}

function portOf(name: string): number {
  if (name === 'stripe-sandbox') return ports.sandbox;
  if (name === 'outbox-worker') return ports.outbox;
  return name === 'api' ? ports.api : ports.commands;
}

async function untilUp(name: string): Promise<void> {
  const process_ = start(name);
  running.set(name, process_);
  const check = (): Promise<void> =>
    isHealthy(name, portOf(name)) ? Promise.resolve() : Promise.reject(new Error('not healthy'));
  await untilHealthy(process_, { check, deadlineMs: 40_000 });
}

async function pay(key: string): Promise<{ status: string }> {
  const response = await fetch(`http://127.0.0.1:${ports.api}/v1/payments`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': 'containers',
      prefer: 'wait=20',
    },
    body: JSON.stringify({ amount: 1250, currency: 'EUR', payment_method: 'pm_card_visa' }),
    signal: AbortSignal.timeout(30_000),
  });
  return (await response.json()) as { status: string };
}

async function createKey(): Promise<string> {
  const order = ['--merchant', 'mer_containers', '--create-merchant', 'C', '--scopes', 'write'];
  const command = start('api', ['node', 'dist/operate/keys.js', 'create', ...order]);
  expect((await command.exited).code).toBe(0);
  const [secret = ''] = /psk_\S+/.exec(readFileSync(command.logFile, 'utf8')) ?? [];
  return secret;
}

it('takes a payment with the start commands of the compose file and the files of the image', async () => {
  const migration = start('migrate');
  const { code } = await migration.exited;
  expect(code === 0 ? '' : logTail(migration.logFile)).toBe('');
  const names = ['stripe-sandbox', 'api', 'outbox-worker', 'command-worker'];
  await Promise.all(names.map(untilUp));
  const { status } = await pay(await createKey());
  expect(status).toBe('succeeded');
});

it('serves the documentation from the files of the image', async () => {
  const page = await fetch(`http://127.0.0.1:${ports.api}/docs`);
  const links = [...(await page.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, to]) => to!);
  const loaded = await Promise.all(links.map((link) => fetch(new URL(link, page.url))));
  expect(loaded.map(({ status }) => status)).toEqual([200, 200, 200]);
});

it.each([['dist/operate/doctor.js'], ['dist/operate/phase.js', '--check']])(
  'has %s in the image, and it finds nothing wrong',
  async (...args) => {
    const command = start('api', ['node', ...args]);
    const { code } = await command.exited;
    expect(code === 0 ? '' : readFileSync(command.logFile, 'utf8')).toBe('');
  },
);

it('ends each process cleanly at the signal of docker compose stop, and its health check tells', async () => {
  expect(running.size).toBe(4);
  await Promise.all(
    [...running].map(async ([name, each]) => {
      await each.stop('SIGTERM');
      expect({ name, ...(await each.exited) }).toEqual({ name, code: 0, signal: null });
      expect(isHealthy(name, portOf(name))).toBe(false);
    }),
  );
});
