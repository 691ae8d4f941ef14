import { setTimeout as delay } from 'node:timers/promises';
import { aborted } from '../adapters/system/shutdown';
import { startSagaWorker } from '../adapters/temporal/saga-worker';
import type { SagaWorkerOptions } from '../adapters/temporal/saga-worker';
import type { Log } from '../application/ports/log';

const temporalRetryMs = 1_000;
/** On top of the grace: the SDK waits longer than the process may for a Temporal that is frozen. */
const cutShortMs = 2_000;

export interface Working {
  readonly onStarted: () => Promise<void>;
  /** What must end while sagas can still be started and run. */
  readonly beforeShutdown: () => Promise<void> | undefined;
  /** Counted from the stop: soon after it, a worker that has not ended is left behind. */
  readonly graceMs: number;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/**
 * Runs the saga worker until the process is told to stop. Waits for a Temporal that is away, and
 * replaces a worker that broke: a process that exits only makes the restart somebody else's.
 */
export async function keepWorking(options: SagaWorkerOptions, working: Working): Promise<void> {
  const { log, stop, graceMs } = working;
  const late = aborted(stop)
    .then(() => delay(graceMs + cutShortMs))
    .then(() => Promise.reject(new Error('Temporal does not let the saga worker go')));
  late.catch(() => undefined);
  while (!stop.aborted) {
    try {
      await Promise.race([workOnce(options, working), late]);
    } catch (error) {
      const text = stop.aborted ? 'saga worker left behind' : 'no saga worker, trying again';
      log.warn({ error: String(error) }, text);
      await delay(temporalRetryMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

async function workOnce(options: SagaWorkerOptions, working: Working): Promise<void> {
  const { log, stop } = working;
  const worker = await startSagaWorker(options);
  await working.onStarted();
  await Promise.race([worker.finished, aborted(stop)]);
  if (stop.aborted) {
    log.info({}, 'command worker drains');
    await working.beforeShutdown();
  }
  await worker.shutdown();
}
