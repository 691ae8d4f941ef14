import { setTimeout as delay } from 'node:timers/promises';
import { createLogger, isTerminal } from '../adapters/system/logger';
import { aborted, limitShutdown, stopSignal } from '../adapters/system/shutdown';
import type { TemporalClient } from '../adapters/temporal/client';
import { installMeasuredTemporalRuntime } from '../adapters/temporal/sdk-metrics';
import { isPolling } from '../adapters/temporal/saga-worker';
import { startTracing } from '../adapters/tracing/tracing';
import { ensureSweeperSchedule } from '../adapters/temporal/sweeper-schedule';
import type { Log } from '../application/ports/log';
import { loadCommandWorkerConfig } from '../config';
import type { CommandWorkerConfig } from '../config';
import { startHealthServer } from './health-server';
import { keepWorking } from './keep-working';
import { sweeperSchedule } from './sweeper-schedule';
import { buildCommandWorker } from './command-parts';

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
