import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRelayActivities } from '../activities/relay-outbox';
import { createLeaseStore } from '../adapters/postgres/outbox-lease';
import { createOutboxStore } from '../adapters/postgres/outbox-store';
import { createOutboxWakeUp } from '../adapters/postgres/outbox-wake-up';
import { createPipelineState } from '../adapters/postgres/pipeline-state';
import { createPublisher } from '../adapters/rabbitmq/publisher';
import { createQueueDepths } from '../adapters/rabbitmq/queue-depths';
import { createLogger, isTerminal } from '../adapters/system/logger';
import { createProcessMetrics } from '../adapters/system/metrics/process-metrics';
import type { ExtraMetrics, ProcessMetrics } from '../adapters/system/metrics/process-metrics';
import { createRelayMetrics } from '../adapters/system/metrics/relay-metrics';
import { aborted, limitShutdown, stopSignal } from '../adapters/system/shutdown';
import type { ShutdownLimit } from '../adapters/system/shutdown';
import { createTemporalClient } from '../adapters/temporal/client';
import type { TemporalClient } from '../adapters/temporal/client';
import { isPollingForActivities, startRelayWorker } from '../adapters/temporal/relay-worker';
import type { RelayWorker, RelayWorkerOptions } from '../adapters/temporal/relay-worker';
import { installMeasuredTemporalRuntime } from '../adapters/temporal/sdk-metrics';
import { tracePublisher } from '../adapters/tracing/traced-messages';
import { startTracing } from '../adapters/tracing/tracing';
import type { Log } from '../application/ports/log';
import type { Tracing } from '../application/ports/tracing';
import { Relay } from '../application/relay/relay';
import { loadOutboxWorkerConfig } from '../config';
import type { OutboxWorkerConfig } from '../config';
import { outboxRelayWorkflowId, taskQueues } from '../contracts/workflow-names';
import { startHealthServer } from './health-server';
import { addBacklogGauges, addPipelineGauges, addQueueGauges } from './pipeline-gauges';
import { relaySettings } from './relay-settings';
import { superviseRelay } from './supervise-relay';

const temporalRetryMs = 1_000;
/** On top of the grace of what is under way: for the connections to say goodbye. */
const closeMs = 5_000;

/** Moves committed outbox rows to the broker, or stands by for another process that does. */
async function main(): Promise<void> {
  const config = loadOutboxWorkerConfig(process.env);
  const log = createLogger({
    level: config.LOG_LEVEL,
    service: 'outbox-worker',
    pretty: config.NODE_ENV !== 'production' && isTerminal(),
  });
  const sdkMetrics = await installMeasuredTemporalRuntime(log);
  const stop = stopSignal();
  const limit = limitShutdown({ stop, limitMs: config.SHUTDOWN_GRACE_MS + closeMs, log });
  const traces = startTracing({ config, service: 'paysaga-outbox-worker', log });
  const parts = build(config, { log, sdkMetrics, tracing: traces.tracing });
  const health = await startHealthServer({
    host: config.WORKER_HEALTH_HOST,
    port: config.WORKER_OUTBOX_PORT,
    metrics: () => parts.metrics.text(),
    readiness: async () => ({
      broker: parts.publisher.isReady(),
      database: parts.wakeUp.isUp(),
      temporal: await isPollingForActivities(parts.temporal.client, parts.polling).catch(
        () => 'no answer',
      ),
    }),
  });
  log.info({ url: health.url, identity: parts.polling.identity }, 'outbox worker starts');
  await Promise.all([
    limit.waitFor('relay worker', keepPolling(parts.workerOptions, { log, stop })),
    limit.waitFor('supervision', superviseRelay({ ...parts.supervisor, log, stop })),
    // In step with the worker's own shutdown: a successor may relay once the lease is given back.
    limit.waitFor(
      'relay',
      aborted(stop).then(() => parts.relay.close()),
    ),
  ]);
  await parts.close(limit);
  await limit.waitFor('traces', traces.close());
  await limit.waitFor('health server', health.close());
  // Last, right before the exit: a call that the library meant to repeat throws on a closed
  // connection from a timer, where nobody can catch it, and the process would end with code 1.
  await limit.waitFor('temporal client', parts.temporal.close());
  log.info({}, 'outbox worker stopped');
}

function build(
  config: OutboxWorkerConfig,
  given: {
    readonly log: Log;
    readonly sdkMetrics: ExtraMetrics;
    readonly tracing: Tracing | null;
  },
) {
  const { log, sdkMetrics, tracing } = given;
  const database = { ...config.database, log };
  const taskQueue = config.RELAY_TASK_QUEUE ?? taskQueues.relay;
  const identity = `outbox-worker:${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const store = createOutboxStore(database);
  const leases = createLeaseStore(database);
  const wakeUp = createOutboxWakeUp(database);
  const metrics = createProcessMetrics(sdkMetrics);
  const relayMetrics = createRelayMetrics(metrics.registry, () => relay.status());
  const publisher = createPublisher({
    ...config.broker,
    name: 'outbox-worker',
    log,
    onReturned: (exchange) => relayMetrics.returned(exchange),
  });
  const temporal = createTemporalClient(config.temporal);
  const relay: Relay = new Relay({
    store,
    leases,
    wakeUp,
    broker: tracePublisher(publisher, tracing),
    owner: identity,
    settings: relaySettings(config),
    log,
    metrics: relayMetrics,
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  const activities = createRelayActivities(relay);
  const watched = watch(config, { log, metrics, temporal, taskQueue });
  return {
    relay,
    metrics,
    publisher,
    wakeUp,
    temporal,
    polling: { taskQueue, identity },
    workerOptions: workerOptions(config, { taskQueue, identity, activities }),
    supervisor: {
      relay,
      identity,
      client: temporal.client,
      taskQueue,
      workflowId: supervisorId(config),
      input: {
        shard: config.RELAY_SHARD,
        runMs: config.RELAY_RUN_MS,
        heartbeatTimeoutMs: config.RELAY_HEARTBEAT_TIMEOUT_MS,
      },
    },
    close: async (limit: ShutdownLimit) => {
      await limit.waitFor('metrics', watched.close());
      await limit.waitFor('publisher', publisher.close());
      const outbox = [store.close(), leases.close(), wakeUp.close()];
      await limit.waitFor('database', Promise.all(outbox));
    },
  };
}

/** What the scrapes of this process show of the database, the broker and Temporal. */
function watch(
  config: OutboxWorkerConfig,
  parts: {
    readonly log: Log;
    readonly metrics: ProcessMetrics;
    readonly temporal: TemporalClient;
    readonly taskQueue: string;
  },
) {
  const { log, metrics, temporal, taskQueue } = parts;
  const state = createPipelineState({ ...config.database, log });
  const queues = createQueueDepths({ ...config.broker, name: 'metrics', log });
  addPipelineGauges(metrics.registry, state);
  addQueueGauges(metrics.registry, queues);
  addBacklogGauges(metrics.registry, temporal, taskQueue);
  return { close: () => Promise.all([state.close(), queues.close()]) };
}

/** A second fleet on a task queue of its own is supervised by a workflow of its own. */
function supervisorId(config: OutboxWorkerConfig): string {
  const id = outboxRelayWorkflowId(config.RELAY_SHARD);
  return config.RELAY_TASK_QUEUE === undefined ? id : `${id}:${config.RELAY_TASK_QUEUE}`;
}

function workerOptions(
  config: OutboxWorkerConfig,
  own: Pick<RelayWorkerOptions, 'taskQueue' | 'identity' | 'activities'>,
): RelayWorkerOptions {
  return {
    ...own,
    ...config.temporal,
    shutdownForceMs: config.SHUTDOWN_GRACE_MS,
    workflows:
      config.WORKFLOW_BUNDLE_PATH === undefined
        ? { workflowsPath: path.join(__dirname, '../workflows') }
        : { bundlePath: config.WORKFLOW_BUNDLE_PATH },
  };
}

/** Polls until `stop`, through every outage of Temporal, and shuts the poller down. */
async function keepPolling(
  options: RelayWorkerOptions,
  { log, stop }: { readonly log: Log; readonly stop: AbortSignal },
): Promise<void> {
  while (!stop.aborted) {
    try {
      await pollUntilStopped(await startRelayWorker(options), stop);
    } catch (error) {
      const text = stop.aborted ? 'the poller was cut short' : 'not polling Temporal; trying again';
      log.warn({ reason: String(error) }, text);
      await delay(temporalRetryMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

async function pollUntilStopped(worker: RelayWorker, stop: AbortSignal): Promise<void> {
  await Promise.race([worker.finished, aborted(stop)]);
  await worker.shutdown();
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
