import { randomBytes } from 'node:crypto';
import path from 'node:path';
import {
  planStart,
  privateNames,
  readOptions,
  type StartOptions,
  type StartPlan,
} from './starting/external';
import { welcome } from './starting/welcome';
import { DATA } from './stack/folders';
import { developmentKey, hasDevelopmentKey, seedDevelopmentMerchant } from './stack/seed';
import { planServices, sandboxEnvironment, SERVICE_NAMES } from './stack/services';
import { firstSignal } from './stack/signals';
import { Stack } from './stack/stack';
import { readState } from './stack/state';

const STACK = 'dev';
const PROBE_TIMEOUT_MS = 2000;

/** `npm start`: the whole service on a kept stack, until a signal ends it. */
async function main(): Promise<number> {
  const signal = firstSignal().then(() => undefined);
  const from = Date.now();
  const options = readOptions(process.argv.slice(2));
  const ports = readState(path.join(DATA, STACK))?.ports ?? {};
  const plan = planStart(process.env, { ...options, ownPorts: Object.values(ports) });
  const stack = await Stack.prepare({
    name: STACK,
    parts: plan.private,
    persist: true,
    reset: options.reset,
    say: (line) => console.log(line),
  });
  const failure = bringUp({ stack, plan, options }).then(
    () => {
      console.log(`Ready after ${((Date.now() - from) / 1000).toFixed(1)} s.`);
      return stack.firstExit();
    },
    (error: unknown) => messageOf(error),
  );
  const message = await Promise.race([failure, signal]);
  if (message !== undefined) console.error(`paysaga: ${message}`);
  console.log('stopping');
  await stack.stop();
  console.log('stopped');
  return message === undefined ? 0 : 1;
}

interface Launch {
  readonly stack: Stack;
  readonly plan: StartPlan;
  readonly options: StartOptions;
}

async function bringUp(launch: Launch): Promise<void> {
  const { stack, plan } = launch;
  await stack.start();
  const addresses: Record<string, string> = {
    ...stack.env,
    ...plan.external,
    ...(plan.sandbox ? sandboxEnvironment(stack.ports) : {}),
  };
  const apiKey = await prepareDatabase(launch, addresses['DATABASE_URL'] ?? '');
  const services = planServices({
    ports: stack.ports,
    env: {
      ...inherited(plan),
      ...addresses,
      // The database survives a restart, so what it says of the provider has to survive too.
      SANDBOX_DATA_FILE: path.join(stack.folder, 'sandbox.json'),
    },
    webhookSecret: webhookSecret(),
  });
  const wanted = SERVICE_NAMES.filter((name) => name !== 'sandbox' || plan.sandbox);
  await Promise.all(wanted.map((name) => stack.startService(services[name])));
  const env = publicEnvironment(stack, { addresses, apiKey });
  stack.publish(env);
  console.log(welcome(env, await docsUrl(env['API_URL'] ?? '')));
}

/** @returns the development API key */
async function prepareDatabase(launch: Launch, databaseUrl: string): Promise<string> {
  const { stack, plan, options } = launch;
  const key = developmentKey(stack.folder);
  if (plan.private.includes('postgres') || options.migrate) {
    await stack.migrate(databaseUrl);
    await seedDevelopmentMerchant(databaseUrl, key);
  } else if (!(await hasDevelopmentKey(databaseUrl, key).catch(unreachable))) {
    throw new Error(
      'the database that DATABASE_URL names is not migrated, or has no development merchant. ' +
        '"npm start -- --migrate" brings it up to date and adds one.',
    );
  }
  return key;
}

function unreachable(error: unknown): never {
  throw new Error(`the database that DATABASE_URL names cannot be used: ${messageOf(error)}`, {
    cause: error,
  });
}

/** The user's own settings reach the services, except those that belong to a part we replace. */
function inherited(plan: StartPlan): Record<string, string> {
  const dropped = privateNames(plan);
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || value === '' || dropped.includes(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(kept);
}

function webhookSecret(): string {
  const given = process.env['STRIPE_WEBHOOK_SECRET'] ?? '';
  return given === '' ? `whsec_${randomBytes(24).toString('hex')}` : given;
}

/** What `npm run stack:env` prints. */
function publicEnvironment(
  stack: Stack,
  { addresses, apiKey }: { addresses: Readonly<Record<string, string>>; apiKey: string },
): Record<string, string> {
  const shown = [
    'DATABASE_URL',
    'RABBITMQ_URL',
    'RABBITMQ_MANAGEMENT_URL',
    'REDIS_URL',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_UI_URL',
    'STRIPE_API_URL',
  ];
  const defaults: Record<string, string> = {
    TEMPORAL_NAMESPACE: 'default',
    STRIPE_API_URL: process.env['STRIPE_API_URL'] ?? 'https://api.stripe.com',
    ...addresses,
  };
  const known = shown.flatMap((name) => {
    const value = defaults[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    API_URL: `http://127.0.0.1:${stack.ports.api}`,
    API_KEY: apiKey,
    ...Object.fromEntries(known),
    OUTBOX_WORKER_URL: `http://127.0.0.1:${stack.ports.outbox}`,
    COMMAND_WORKER_URL: `http://127.0.0.1:${stack.ports.commands}`,
  };
}

/** Where the API serves its docs; undefined where it serves none. */
async function docsUrl(apiUrl: string): Promise<string | undefined> {
  const url = `${apiUrl}/docs`;
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch(
    () => undefined,
  );
  return response?.ok === true ? url : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(`paysaga: ${messageOf(error)}`);
    process.exit(1);
  });
