import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { createActivities } from '../activities';
import { createScheduledActivities } from '../activities/scheduled';
import type { Registry } from 'prom-client';
import { createDatabase } from '../adapters/postgres/client';
import { createDisputeStore } from '../adapters/postgres/disputes';
import { createOutboxSignal } from '../adapters/postgres/outbox-signal';
import { createOpenRequests } from '../adapters/postgres/payment-requests';
import { createParkedPayments } from '../adapters/postgres/parked-payments';
import { createRetention } from '../adapters/postgres/retention';
import { createRefundStore } from '../adapters/postgres/refund-store';
import { createSagaStore } from '../adapters/postgres/saga-store';
import { createUnsettledPayments } from '../adapters/postgres/sweep';
import { createPublisher } from '../adapters/rabbitmq/publisher';
import { createStripeProvider } from '../adapters/stripe/stripe-provider';
import { createCrashPoints } from '../adapters/system/crash-points';
import { createCommandMetrics } from '../adapters/system/metrics/command-metrics';
import { createJanitorMetrics } from '../adapters/system/metrics/janitor-metrics';
import { createProcessMetrics } from '../adapters/system/metrics/process-metrics';
import type { ExtraMetrics } from '../adapters/system/metrics/process-metrics';
import {
  createProviderMetrics,
  measuredProvider,
} from '../adapters/system/metrics/provider-metrics';
import { createSagaMetrics } from '../adapters/system/metrics/saga-metrics';
import type { ShutdownLimit } from '../adapters/system/shutdown';
import { createTemporalClient } from '../adapters/temporal/client';
import { createSagaRequests } from '../adapters/temporal/saga-requests';
import { createSagaStarter } from '../adapters/temporal/saga-starter';
import type { SagaWorkerOptions } from '../adapters/temporal/saga-worker';
import { registerSearchAttributes } from '../adapters/temporal/search-attributes';
import { tracePublisher } from '../adapters/tracing/traced-messages';
import { traceProvider } from '../adapters/tracing/traced-provider';
import { traceSagaStarter, traceSagaStore } from '../adapters/tracing/traced-saga';
import { createRequestLeftovers, deliverStored } from '../application/deliver-request';
import type { Log } from '../application/ports/log';
import type { Tracing } from '../application/ports/tracing';
import type { CommandWorkerConfig } from '../config';
import {
  applyEventCommandType,
  deliverRequestCommandType,
  processPaymentCommandType,
} from '../contracts/messages';
import { taskQueues } from '../contracts/workflow-names';
import { consumeCommands } from './consume-commands';
import { buildEventParts } from './event-parts';
import type { EventParts } from './event-parts';
import { addBacklogGauges } from './pipeline-gauges';
import { createCommandHandler, startsSaga } from './process-command';
import type { CommandHandlers } from './process-command';
import { refundParts } from './refund-parts';
import { buildReconcileActivities } from './reconcile-parts';

const startTimeoutMs = 5_000;

interface Given {
  readonly log: Log;
  readonly sdkMetrics: ExtraMetrics;
  readonly tracing: Tracing | null;
}

/** The parts of the process, connected to each other and to nothing outside yet. */
export function buildCommandWorker(config: CommandWorkerConfig, given: Given) {
  const { log, tracing } = given;
  const taskQueue = config.SAGA_TASK_QUEUE ?? taskQueues.saga;
  // Temporal remembers pollers for minutes; in a container the process id is the same each time.
  const identity = `command-worker:${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const clients = connect(config, given);
  const metrics = createProcessMetrics(given.sdkMetrics);
  addBacklogGauges(metrics.registry, clients.temporal, taskQueue);
  const core = { config, log, tracing, clients, registry: metrics.registry };
  const starter = starterOptions(core, taskQueue);
  const sagas = traceSagaStarter(createSagaStarter(starter), tracing);
  const delivery = {
    requests: createOpenRequests(clients.database.prisma),
    sagaRequests: createSagaRequests(starter),
    log,
  };
  const refunds = refundParts({ prisma: clients.database.prisma, starter, log });
  const events = buildEventParts({ ...core, database: clients.database, starter });
  const dependencies = activityDependencies(core);
  const activities = {
    ...createActivities({
      ...dependencies,
      sagas,
      leftovers: [createRequestLeftovers(delivery), refunds.leftovers, events.leftovers],
    }),
    ...createScheduledActivities({
      ...scheduledDependencies(core),
      ...catchUpDependencies(dependencies, events),
    }),
  };
  const handlers: CommandHandlers = {
    ...refunds.handlers,
    [processPaymentCommandType]: startsSaga(sagas),
    [deliverRequestCommandType]: async ({ data }) => {
      await deliverStored(delivery, data.request_id);
      return 'done';
    },
    [applyEventCommandType]: events.handle,
  };
  const handling = { handlers, log, metrics: createCommandMetrics(metrics.registry) };
  const onMessage = createCommandHandler(handling);
  const reconciling = buildReconcileActivities({ ...core, database: clients.database, starter });
  const allActivities = { ...activities, ...reconciling };
  const parts = {
    temporal: clients.temporal,
    metrics,
    polling: { taskQueue, identity },
    workerOptions: workerOptions(config, {
      taskQueue,
      identity,
      activities: allActivities,
      tracing,
    }),
    consumer: null as ReturnType<typeof consumeCommands> | null,
    startConsuming: async () => {
      await registerSearchAttributes({ client: clients.temporal.client, log });
      parts.consumer ??= consumeCommands(config, { onMessage, log, tracing });
    },
    close: (limit: ShutdownLimit) => close(clients, limit),
  };
  return parts;
}

interface Core {
  readonly config: CommandWorkerConfig;
  readonly log: Log;
  readonly tracing: Tracing | null;
  readonly clients: Clients;
  readonly registry: Registry;
}

type Clients = ReturnType<typeof connect>;

function connect(config: CommandWorkerConfig, { log, tracing }: Given) {
  return {
    database: createDatabase({
      ...config.database,
      poolSize: config.DATABASE_POOL_SIZE,
      applicationName: 'paysaga-command-worker',
      log,
    }),
    outboxSignal: createOutboxSignal({ ...config.database, log }),
    publisher: createPublisher({ ...config.broker, name: 'saga-events', log }),
    temporal: createTemporalClient(config.temporal, tracing),
  };
}

/** All but Temporal's client, which the process closes last. */
async function close(clients: Clients, limit: ShutdownLimit): Promise<void> {
  await limit.waitFor('publisher', clients.publisher.close());
  await limit.waitFor('outbox signal', clients.outboxSignal.close());
  await limit.waitFor('database', clients.database.close());
}

function starterOptions({ config, clients }: Core, taskQueue: string) {
  return {
    client: clients.temporal.client,
    taskQueue,
    budgets: config.sagaBudgets,
    timeoutMs: startTimeoutMs,
  };
}

function activityDependencies({ config, log, tracing, clients, registry }: Core) {
  const { prisma } = clients.database;
  const measured = measuredProvider(stripeProvider(config), createProviderMetrics(registry));
  return {
    store: traceSagaStore(createSagaStore(prisma), tracing),
    refunds: createRefundStore(prisma),
    disputes: createDisputeStore(prisma),
    unsettled: createUnsettledPayments(prisma),
    parked: createParkedPayments(prisma),
    provider: traceProvider(measured, tracing),
    crashPoints: createCrashPoints(config.CRASH_POINT),
    publisher: tracePublisher(clients.publisher, tracing),
    outboxSignal: clients.outboxSignal,
    log,
    metrics: createSagaMetrics(registry),
  };
}

function catchUpDependencies(
  { provider, log }: ReturnType<typeof activityDependencies>,
  { eventIntake, cursors }: EventParts,
) {
  return { provider, log, eventIntake, cursors };
}

function scheduledDependencies({ clients, registry }: Core) {
  return {
    retention: createRetention(clients.database.prisma),
    janitorMetrics: createJanitorMetrics(registry),
  };
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
