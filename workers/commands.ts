import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createActivities } from '../activities';
import { createDatabase } from '../adapters/postgres/client';
import { createOutboxSignal } from '../adapters/postgres/outbox-signal';
import { createSagaStore } from '../adapters/postgres/saga-store';
import { createUnsettledPayments } from '../adapters/postgres/sweep';
import { createPublisher } from '../adapters/rabbitmq/publisher';
import { createStripeProvider } from '../adapters/stripe/stripe-provider';
import { createCrashPoints } from '../adapters/system/crash-points';
import { createLogger, isTerminal } from '../adapters/system/logger';
import { createCommandMetrics } from '../adapters/system/metrics/command-metrics';
import { createProcessMetrics } from '../adapters/system/metrics/process-metrics';
import type { ExtraMetrics } from '../adapters/system/metrics/process-metrics';
import {
  createProviderMetrics,
  measuredProvider,
} from '../adapters/system/metrics/provider-metrics';
import { createSagaMetrics } from '../adapters/system/metrics/saga-metrics';
import { aborted, limitShutdown, stopSignal } from '../adapters/system/shutdown';
import type { ShutdownLimit } from '../adapters/system/shutdown';
import { createTemporalClient } from '../adapters/temporal/client';
import type { TemporalClient } from '../adapters/temporal/client';
import { installMeasuredTemporalRuntime } from '../adapters/temporal/sdk-metrics';
import { createSagaStarter } from '../adapters/temporal/saga-starter';
import { isPolling } from '../adapters/temporal/saga-worker';
import type { SagaWorkerOptions } from '../adapters/temporal/saga-worker';
import { registerSearchAttributes } from '../adapters/temporal/search-attributes';
import { tracePublisher } from '../adapters/tracing/traced-messages';
import { traceProvider } from '../adapters/tracing/traced-provider';
import { traceSagaStarter, traceSagaStore } from '../adapters/tracing/traced-saga';
import { startTracing } from '../adapters/tracing/tracing';
import { ensureSweeperSchedule } from '../adapters/temporal/sweeper-schedule';
import type { Log } from '../application/ports/log';
import type { Tracing } from '../application/ports/tracing';
import { loadCommandWorkerConfig } from '../config';
import type { CommandWorkerConfig } from '../config';
import { taskQueues } from '../contracts/workflow-names';
import { consumeCommands } from './consume-commands';
import { startHealthServer } from './health-server';
import { keepWorking } from './keep-working';
import { addBacklogGauges } from './pipeline-gauges';
import { createCommandHandler } from './process-command';
import { sweeperSchedule } from './sweeper-schedule';

const startTimeoutMs = 5_000;
const scheduleRetryMs = 5_000;
/** On top of the grace of what is under way: for the connections to say goodbye. */
const closeMs = 5_000;

/** Consumes commands, starts sagas, and runs them: the process between the broker and the provider. */
async function main(): Promise<void> {
  const config = loadCommandWorkerConfig(process.env);
  const log = createLogger({
    level: config.LOG_LEVEL,
    service: 'command-worker',
    pretty: config.NODE_ENV !== 'production' && isTerminal(),
  });
  const sdkMetrics = await installMeasuredTemporalRuntime(log);
  const stop = stopSignal();
  const limit = limitShutdown({ stop, limitMs: config.SHUTDOWN_GRACE_MS + closeMs, log });
  const traces = startTracing({ config, service: 'paysaga-command-worker', log });
  const parts = build(config, { log, sdkMetrics, tracing: traces.tracing });
  let drained: Promise<void> | undefined;
  const closeConsumer = async () => parts.consumer?.close(config.SHUTDOWN_GRACE_MS);
  const drain = () => (drained ??= limit.waitFor('command consumer', closeConsumer()));
  const health = await startHealthServer({
    host: config.WORKER_HEALTH_HOST,
    port: config.WORKER_COMMANDS_PORT,
    metrics: () => parts.metrics.text(),
    readiness: async () => ({
      broker: parts.consumer?.isUp() ?? false,
      temporal: await isPolling(parts.temporal.client, parts.polling).catch(() => 'no answer'),
    }),
  });
  log.info({ url: health.url }, 'command worker starts');
  await Promise.all([
    limit.waitFor('sweeper schedule', untilScheduled(parts.temporal, config, { log, stop })),
    limit.waitFor(
      'saga worker',
      keepWorking(parts.workerOptions, {
        // Commands are taken only once this process can also run what they start.
        onStarted: () => parts.startConsuming(),
        beforeShutdown: drain,
        graceMs: config.SHUTDOWN_GRACE_MS,
        log,
        stop,
      }),
    ),
  ]);
  // Also when the stop found no worker to shut down.
  await drain();
  await parts.close(limit);
  await limit.waitFor('traces', traces.close());
  await limit.waitFor('health server', health.close());
  // Last, right before the exit: a call that the library meant to repeat throws on a closed
  // connection from a timer, where nobody can catch it, and the process would end with code 1.
  await limit.waitFor('temporal client', parts.temporal.close());
  log.info({}, 'command worker stopped');
}

function build(
  config: CommandWorkerConfig,
  given: {
    readonly log: Log;
    readonly sdkMetrics: ExtraMetrics;
    readonly tracing: Tracing | null;
  },
) {
  const { log, sdkMetrics, tracing } = given;
  const taskQueue = config.SAGA_TASK_QUEUE ?? taskQueues.saga;
  // Temporal remembers pollers for minutes; in a container the process id is the same each time.
  const identity = `command-worker:${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const database = createDatabase({
    ...config.database,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: 'paysaga-command-worker',
    log,
  });
  const outboxSignal = createOutboxSignal({ ...config.database, log });
  const publisher = createPublisher({ ...config.broker, name: 'saga-events', log });
  const temporal = createTemporalClient(config.temporal, tracing);
  const started = createSagaStarter({
    client: temporal.client,
    taskQueue,
    budgets: config.sagaBudgets,
    timeoutMs: startTimeoutMs,
  });
  const metrics = createProcessMetrics(sdkMetrics);
  addBacklogGauges(metrics.registry, temporal, taskQueue);
  const sagas = traceSagaStarter(started, tracing);
  const providerMetrics = createProviderMetrics(metrics.registry);
  const activities = createActivities({
    store: traceSagaStore(createSagaStore(database.prisma), tracing),
    unsettled: createUnsettledPayments(database.prisma),
    provider: traceProvider(measuredProvider(stripeProvider(config), providerMetrics), tracing),
    crashPoints: createCrashPoints(config.CRASH_POINT),
    publisher: tracePublisher(publisher, tracing),
    outboxSignal,
    sagas,
    log,
    metrics: createSagaMetrics(metrics.registry),
  });
  const onMessage = createCommandHandler({
    sagas,
    log,
    metrics: createCommandMetrics(metrics.registry),
  });
  const parts = {
    temporal,
    metrics,
    polling: { taskQueue, identity },
    workerOptions: workerOptions(config, { taskQueue, identity, activities, tracing }),
    consumer: null as ReturnType<typeof consumeCommands> | null,
    startConsuming: async () => {
      await registerSearchAttributes({ client: temporal.client, log });
      parts.consumer ??= consumeCommands(config, { onMessage, log, tracing });
    },
    close: async (limit: ShutdownLimit) => {
      await limit.waitFor('publisher', publisher.close());
      await limit.waitFor('outbox signal', outboxSignal.close());
      await limit.waitFor('database', database.close());
    },
  };
  return parts;
}

function stripeProvider(config: CommandWorkerConfig) {
  return createStripeProvider({
    apiKey: config.STRIPE_API_KEY,
    timeoutMs: config.STRIPE_TIMEOUT_MS,
    ...(config.STRIPE_API_URL === undefined ? {} : { apiUrl: config.STRIPE_API_URL }),
  });
}

function workerOptions(
  config: CommandWorkerConfig,
  own: Pick<SagaWorkerOptions, 'taskQueue' | 'identity' | 'activities' | 'tracing'>,
): SagaWorkerOptions {
  return {
    ...own,
    ...config.temporal,
    shutdownGraceMs: config.SHUTDOWN_GRACE_MS,
    workflows:
      config.WORKFLOW_BUNDLE_PATH === undefined
        ? { workflowsPath: path.join(__dirname, '../workflows') }
        : { bundlePath: config.WORKFLOW_BUNDLE_PATH },
  };
}

/** Keeps at it in the background: the sweeper is the safety net, not what a payment waits for. */
async function untilScheduled(
  { client }: TemporalClient,
  config: CommandWorkerConfig,
  { log, stop }: { readonly log: Log; readonly stop: AbortSignal },
): Promise<void> {
  while (!stop.aborted) {
    try {
      // A call to a Temporal that is frozen ends by its own deadline; a stop does not wait for it.
      const scheduled = ensureSweeperSchedule(sweeperSchedule(client, config));
      return await Promise.race([scheduled, aborted(stop)]);
    } catch (error) {
      log.warn({ error: String(error) }, 'the sweeper is not scheduled yet');
      await delay(scheduleRetryMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

main().then(
  // The SDK may hold on to a server that does not answer, and everything of ours is closed by now.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    // Connections that were opened before the failure would keep a process alive that does nothing.
    process.exit(1);
  },
);
