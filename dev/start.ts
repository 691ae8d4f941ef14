import path from 'node:path';
import {
  inheritedEnvironment,
  planStart,
  readLaunchEnvironment,
  readOptions,
  type StartOptions,
  type StartPlan,
} from './starting/external';
import { publicEnvironment } from './starting/public-environment';
import { welcome } from './starting/welcome';
import { DATA } from './stack/folders';
import { stackName } from './stack/running-state';
import {
  developmentKey,
  developmentWebhookSecret,
  hasDevelopmentKey,
  seedDevelopmentMerchant,
} from './stack/seed';
import { planServices, sandboxEnvironment, SERVICE_NAMES } from './stack/services';
import { firstSignal } from './stack/signals';
import { Stack } from './stack/stack';
import { readState } from './stack/state';

const PROBE_TIMEOUT_MS = 2000;

/** `npm start`: the whole service on a kept stack, until a signal ends it. */
async function main(): Promise<number> {
  const signal = firstSignal().then(() => undefined);
  const from = Date.now();
  const options = readOptions(process.argv.slice(2));
  const name = stackName();
  const ports = readState(path.join(DATA, name))?.ports ?? {};
  const environment = readLaunchEnvironment(process.env);
  const plan = planStart(environment, { ...options, ownPorts: Object.values(ports) });
  const stack = await Stack.prepare({
    name,
    parts: plan.private,
    persist: true,
    reset: options.reset,
    say: (line) => console.log(line),
  });
  const failure = bringUp({ stack, plan, options, environment }).then(
    () => {
      console.log(`Ready after ${((Date.now() - from) / 1000).toFixed(1)} s.`);
      return stack.untilBroken();
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
  readonly environment: Readonly<Record<string, string | undefined>>;
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
  const ownSecret = developmentWebhookSecret(stack.folder);
  const webhookSecret = launch.environment['STRIPE_WEBHOOK_SECRET'] || ownSecret;
  const replaced = [...Object.keys(addresses), 'STRIPE_WEBHOOK_SECRET'];
  const services = planServices({
    ports: stack.ports,
    env: {
      ...inheritedEnvironment(process.env, { plan, replaced }),
      ...addresses,
      // The database survives a restart, so what it says of the provider has to survive too.
      SANDBOX_DATA_FILE: path.join(stack.folder, 'sandbox.json'),
    },
    webhookSecret,
  });
  const wanted = SERVICE_NAMES.filter((name) => name !== 'sandbox' || plan.sandbox);
  await Promise.all(wanted.map((name) => stack.startService(services[name])));
  const { env, withheld } = publicEnvironment({
    ports: stack.ports,
    environment: launch.environment,
    addresses,
    apiKey,
    webhookSecret: webhookSecret === ownSecret ? ownSecret : null,
  });
  stack.publish(env, withheld);
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
