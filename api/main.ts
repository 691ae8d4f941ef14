import { createIdempotencyCache } from '../adapters/redis/idempotency-cache';
import { connectRedis } from '../adapters/redis/redis-connection';
import { createApiKeyReader } from '../adapters/postgres/api-keys';
import { createDatabase } from '../adapters/postgres/client';
import { createIdempotencyStore } from '../adapters/postgres/idempotency';
import { createOutboxSignal } from '../adapters/postgres/outbox-signal';
import { createPaymentIntake } from '../adapters/postgres/payment-intake';
import { createPaymentReader } from '../adapters/postgres/payment-reader';
import { createProviderEventStore } from '../adapters/postgres/stripe-events';
import { createPublisher } from '../adapters/rabbitmq/publisher';
import { createWebhookVerifier } from '../adapters/stripe/webhook-verifier';
import { systemClock } from '../adapters/system/clock';
import { timeOrderedIds } from '../adapters/system/ids';
import { createLogger, isTerminal } from '../adapters/system/logger';
import { aborted, limitShutdown, stopSignal } from '../adapters/system/shutdown';
import type { ShutdownLimit } from '../adapters/system/shutdown';
import { createSagaStarter } from '../adapters/temporal/saga-starter';
import { createTemporalClient } from '../adapters/temporal/client';
import { tracePublisher } from '../adapters/tracing/traced-messages';
import { traceSagaStarter } from '../adapters/tracing/traced-saga';
import { startTracing } from '../adapters/tracing/tracing';
import { createAcceptPayment } from '../application/accept-payment';
import type { AcceptPaymentDeps } from '../application/accept-payment';
import { createAuthenticate } from '../application/authenticate';
import { createOutcomeWaiter } from '../application/outcome-waiter';
import type { OutcomeWaiter } from '../application/outcome-waiter';
import type { Log } from '../application/ports/log';
import type { PaymentReader } from '../application/ports/payment-reader';
import type { Tracing } from '../application/ports/tracing';
import { traceAcceptance } from '../application/trace-acceptance';
import { ConfigError, loadApiConfig } from '../config';
import type { ApiConfig } from '../config';
import { taskQueues } from '../contracts/workflow-names';
import { createApp } from './app';
import { listen } from './http-server';
import { createMetrics } from './metrics';
import type { ReadinessCheck } from './routes/health/readiness-check';

// Longer than the longest wait for an outcome, which the drain itself ends early.
const drainGraceMs = 15_000;
const sagaStartTimeoutMs = 5_000;
const readinessTimeoutMs = 1_000;
/** On top of the grace of what is under way: for the connections to say goodbye. */
const closeMs = 5_000;

/** The API process: config, parts, listen, signal, drain, close in reverse. */
async function main(): Promise<void> {
  const config = loadApiConfig(process.env);
  const log = createLogger({
    service: 'api',
    level: config.LOG_LEVEL,
    pretty: config.NODE_ENV !== 'production' && isTerminal(),
  });
  const stop = stopSignal();
  const limit = limitShutdown({ stop, limitMs: config.SHUTDOWN_GRACE_MS + closeMs, log });
  warnOfLoss(config, log);
  const traces = startTracing({ config, service: 'paysaga-api', log });
  const parts = build(config, log, traces.tracing);
  const server = await listen(parts.app, { host: config.API_HOST, port: config.API_PORT });
  log.info({ url: server.url, flags: config.flags }, 'api listens');
  await aborted(stop);
  log.info({}, 'api drains');
  parts.startDraining();
  await limit.waitFor('requests', server.drain(Math.min(drainGraceMs, config.SHUTDOWN_GRACE_MS)));
  await parts.close(limit);
  await limit.waitFor('traces', traces.close());
  log.info({}, 'api stopped');
}

function build(config: ApiConfig, log: Log, tracing: Tracing | null) {
  const clients = connect(config, log, tracing);
  const payments = createPaymentReader(clients.database.prisma);
  const waiter = createOutcomeWaiter({
    statuses: (ids) => payments.statuses(ids),
    pollMs: config.API_WAIT_POLL_MS,
    log,
  });
  const state = { isDraining: false };
  const app = createApp({
    acceptPayment: traceAcceptance(
      createAcceptPayment(acceptanceDeps({ config, log, clients, payments, waiter, tracing })),
      tracing,
    ),
    authenticate: createAuthenticate({
      keys: createApiKeyReader(clients.database.prisma),
      clock: systemClock,
    }),
    payments,
    webhooks: createWebhookVerifier({
      secrets: config.STRIPE_WEBHOOK_SECRET.split(','),
      clock: systemClock,
    }),
    events: createProviderEventStore(clients.database.prisma),
    metrics: createMetrics(),
    checks: readinessChecks(clients),
    isDraining: () => state.isDraining,
    tracing,
    publicUrl: (config.API_PUBLIC_URL ?? '').replace(/\/+$/, ''),
    log,
  });
  return {
    app,
    startDraining: () => {
      state.isDraining = true;
      waiter.close();
    },
    close: (limit: ShutdownLimit) => closeAll(clients, limit),
  };
}

type Clients = ReturnType<typeof connect>;

/** Every connection is made in the background, so the process starts while parts are away. */
function connect(config: ApiConfig, log: Log, tracing: Tracing | null) {
  return {
    database: createDatabase({
      ...config.database,
      poolSize: config.DATABASE_POOL_SIZE,
      applicationName: 'paysaga-api',
      log,
    }),
    redis: connectRedis({ ...config.redis, log }),
    signal: createOutboxSignal({ ...config.database, log }),
    temporal: createTemporalClient(config.temporal, tracing),
    broker: createBroker(config, log),
  };
}

async function closeAll(
  { database, redis, signal, temporal, broker }: Clients,
  limit: ShutdownLimit,
): Promise<void> {
  await limit.waitFor('publisher', broker.close());
  await limit.waitFor('outbox signal', signal.close());
  await limit.waitFor('redis', redis.close());
  await limit.waitFor('database', database.close());
  // Last, right before the exit: a call that the library meant to repeat throws on a closed
  // connection from a timer, where nobody can catch it, and the process would end with code 1.
  await limit.waitFor('temporal client', temporal.close());
}

function acceptanceDeps(given: {
  readonly config: ApiConfig;
  readonly log: Log;
  readonly clients: Clients;
  readonly payments: PaymentReader;
  readonly waiter: OutcomeWaiter;
  readonly tracing: Tracing | null;
}): AcceptPaymentDeps {
  const { config, log, clients, payments, waiter, tracing } = given;
  return {
    flags: config.flags,
    intake: createPaymentIntake(clients.database.prisma),
    keys: createIdempotencyStore(clients.database.prisma),
    cache: createIdempotencyCache({
      client: clients.redis.client,
      keyPrefix: config.REDIS_KEY_PREFIX,
      keepMs: config.IDEMPOTENCY_CACHE_MS,
      log,
    }),
    sagas: traceSagaStarter(
      createSagaStarter({
        client: clients.temporal.client,
        taskQueue: config.SAGA_TASK_QUEUE ?? taskQueues.saga,
        budgets: config.sagaBudgets,
        timeoutMs: sagaStartTimeoutMs,
      }),
      tracing,
    ),
    publisher: tracePublisher(clients.broker.publisher, tracing),
    signal: clients.signal,
    payments,
    waiter,
    clock: systemClock,
    ids: timeOrderedIds,
    waitCapMs: config.API_WAIT_CAP_MS,
    lockMs: config.IDEMPOTENCY_LOCK_MS,
    log,
  };
}

function readinessChecks({ database, redis, temporal, broker }: Clients): ReadinessCheck[] {
  return [
    { name: 'postgres', required: true, check: () => database.prisma.$queryRaw`SELECT 1` },
    { name: 'redis', required: false, check: () => redis.client.ping() },
    {
      name: 'temporal',
      required: false,
      // Whoever asks stops waiting by himself, but a call without a deadline would stay open.
      check: () =>
        temporal.client.withDeadline(Date.now() + readinessTimeoutMs, () =>
          temporal.client.workflowService.getSystemInfo({}),
        ),
    },
    ...broker.checks,
  ];
}

/** With the outbox on, the API never speaks to the broker and holds no connection to it. */
function createBroker(config: ApiConfig, log: Log) {
  if (config.flags.outboxPattern) {
    const refuse = () =>
      Promise.resolve({ kind: 'unavailable', reason: 'the outbox is on' } as const);
    return { publisher: { publish: refuse }, checks: [], close: () => Promise.resolve() };
  }
  const publisher = createPublisher({ ...config.broker, name: 'api', log });
  const check = () =>
    publisher.isReady() ? Promise.resolve() : Promise.reject(new Error('no channel'));
  return {
    publisher,
    checks: [{ name: 'rabbitmq', required: false, check }],
    close: () => publisher.close(),
  };
}

function warnOfLoss(config: ApiConfig, log: Log): void {
  if (config.flags.outboxPattern) return;
  log.warn(
    {},
    'ENABLE_OUTBOX_PATTERN is off: a crash after a commit loses its messages, and their order may change',
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const text = error instanceof ConfigError ? error.message : `api failed: ${String(error)}`;
    process.stderr.write(`${text}\n`);
    process.exit(1);
  },
);
