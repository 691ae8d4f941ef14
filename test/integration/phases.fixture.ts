import { randomUUID } from 'node:crypto';
import { createApiKey } from '../../adapters/postgres/api-keys';
import { createDatabase } from '../../adapters/postgres/client';
import { flagNames } from '../../config/phases';
import type { FeatureFlags } from '../../contracts/flags';
import { startProcess } from '../support/process';
import type { TestProcess } from '../support/process';
import { silentLog } from '../support/silent-log';
import {
  fromStack,
  testNamespace,
  testRedisPrefix,
  uniqueName,
} from '../support/stack-environment';
import type { SagaRig } from './saga-rig.fixture';

/** The real processes on one database, virtual host and pair of task queues. */
export async function createFleet(rig: SagaRig, rabbitUrl: string) {
  const common = {
    NODE_ENV: 'test',
    DATABASE_URL: rig.databaseUrl,
    DATABASE_POOL_SIZE: '4',
    RABBITMQ_URL: rabbitUrl,
    TEMPORAL_ADDRESS: fromStack('TEMPORAL_ADDRESS'),
    TEMPORAL_NAMESPACE: testNamespace(),
    WORKFLOW_BUNDLE_PATH: fromStack('WORKFLOW_BUNDLE_PATH'),
    SAGA_TASK_QUEUE: rig.taskQueue,
  };
  const relayQueue = uniqueName('relay');
  const redisPrefix = testRedisPrefix();
  const started: TestProcess[] = [];
  const start = async (options: Parameters<typeof startProcess>[0]) => {
    const process = await startProcess(options);
    started.push(process);
    return process;
  };
  return {
    relayQueue,
    secret: await newSecret(rig),
    startCommandWorker: () =>
      start({
        entry: 'workers/commands.js',
        portVariable: 'WORKER_COMMANDS_PORT',
        env: { ...common, STRIPE_API_KEY: 'sk_test_phases', STRIPE_API_URL: rig.sandboxUrl },
      }),
    startOutboxWorker: () =>
      start({
        entry: 'workers/outbox.js',
        portVariable: 'WORKER_OUTBOX_PORT',
        env: { ...common, RELAY_TASK_QUEUE: relayQueue },
      }),
    startApi: (flags: FeatureFlags) =>
      start({
        entry: 'api/main.js',
        portVariable: 'API_PORT',
        env: {
          ...common,
          ...flagVariables(flags),
          REDIS_URL: fromStack('REDIS_URL'),
          REDIS_KEY_PREFIX: redisPrefix,
          STRIPE_WEBHOOK_SECRET: 'whsec_phases',
        },
      }),
    close: async () => {
      await Promise.all(started.map((process) => process.kill('SIGKILL').catch(() => undefined)));
    },
  };
}

function flagVariables(flags: FeatureFlags): Record<string, string> {
  const names = Object.entries(flagNames) as [keyof FeatureFlags, string][];
  return Object.fromEntries(names.map(([flag, name]) => [name, String(flags[flag])]));
}

async function newSecret(rig: SagaRig): Promise<string> {
  const database = createDatabase({
    databaseUrl: rig.databaseUrl,
    poolSize: 1,
    applicationName: 'phases-test',
    log: silentLog,
  });
  const { secret } = await createApiKey(database.prisma, {
    merchantId: rig.merchantId,
    scopes: ['read', 'write'],
  });
  await database.close();
  return secret;
}

export interface Answered {
  readonly key: string;
  readonly status: number;
  readonly url: string;
  readonly paymentId: string;
}

// Enough that each switch meets payments under way, and little enough to leave the machine to them.
const pauseMs = 250;

/** Clients that pay one after the other, and repeat under the same key what was not answered. */
export function startShoppers(options: {
  readonly count: number;
  readonly secret: string;
  /** Where the next request goes. */
  readonly url: () => string;
}) {
  const answers: Answered[] = [];
  const closing = new AbortController();
  const shop = async () => {
    while (!closing.signal.aborted) {
      answers.push(await payOnce(options));
      await pause(pauseMs);
    }
  };
  const shoppers = Promise.all(Array.from({ length: options.count }, shop));
  // Whoever stops them hears of it; until then a failure must not end the test process unheard.
  shoppers.catch(() => undefined);
  return {
    answers,
    /** Lets them end what they are at. @throws when a payment was never answered */
    async stop() {
      closing.abort();
      await shoppers;
    },
    /** Waits for nothing: the test has failed, and its servers are about to go. */
    abandon: () => closing.abort(),
  };
}

const repeatLimitMs = 30_000;

async function payOnce(options: {
  readonly secret: string;
  readonly url: () => string;
}): Promise<Answered> {
  const key = randomUUID();
  // The keys are random: about every fifth begins with 0, 1 or 2.
  const isDeclined = key < '3';
  const body = JSON.stringify({
    amount: 1_250,
    currency: 'EUR',
    payment_method: isDeclined ? 'pm_card_chargeDeclined' : 'pm_card_visa',
    reference: key,
  });
  const deadlineMs = Date.now() + repeatLimitMs;
  for (;;) {
    const url = options.url();
    const response = await send(url, { secret: options.secret, key, body }).catch(() => null);
    if (response !== null && response.status < 300) {
      const { id } = (await response.json()) as { id: string };
      return { key, status: response.status, url, paymentId: id };
    }
    if (Date.now() > deadlineMs) throw new Error(`${key} was answered ${response?.status}`);
    await pause(50);
  }
}

function send(url: string, request: { secret: string; key: string; body: string }) {
  return fetch(`${url}/v1/payments`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${request.secret}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': request.key,
    },
    body: request.body,
    signal: AbortSignal.timeout(25_000),
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
