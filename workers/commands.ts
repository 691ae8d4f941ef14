import { createLogger, isTerminal } from '../adapters/system/logger';
import { limitShutdown, stopSignal } from '../adapters/system/shutdown';
import { installMeasuredTemporalRuntime } from '../adapters/temporal/sdk-metrics';
import { isPolling } from '../adapters/temporal/saga-worker';
import { startTracing } from '../adapters/tracing/tracing';
import { loadCommandWorkerConfig } from '../config';
import { startHealthServer } from './health-server';
import { keepWorking } from './keep-working';
import { buildCommandWorker } from './command-parts';
import { schedulesOf, untilScheduled } from './schedules';

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
  const parts = buildCommandWorker(config, { log, sdkMetrics, tracing: traces.tracing });
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
    limit.waitFor('schedules', untilScheduled(parts.temporal, schedulesOf(config), { log, stop })),
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

main().then(
  // The SDK may hold on to a server that does not answer, and everything of ours is closed by now.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    // Connections that were opened before the failure would keep a process alive that does nothing.
    process.exit(1);
  },
);
