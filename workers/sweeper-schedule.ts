import type { TemporalClient } from '../adapters/temporal/client';
import type { SweeperScheduleOptions } from '../adapters/temporal/sweeper-schedule';
import type { CommandWorkerConfig } from '../config';
import { sweeperScheduleId, taskQueues } from '../contracts/workflow-names';

/** How often this fleet's sweeper runs, and what it leaves alone. */
export function sweeperSchedule(
  client: TemporalClient['client'],
  config: CommandWorkerConfig,
): SweeperScheduleOptions {
  const own = config.SAGA_TASK_QUEUE;
  return {
    client,
    taskQueue: own ?? taskQueues.saga,
    // A second fleet on a task queue of its own sweeps for itself.
    scheduleId: own === undefined ? sweeperScheduleId : `${sweeperScheduleId}:${own}`,
    intervalMs: config.SWEEP_INTERVAL_MS,
    sweep: {
      pendingAfterMs: config.SWEEP_PENDING_AFTER_MS,
      processingAfterMs: config.SWEEP_PROCESSING_AFTER_MS,
    },
  };
}
