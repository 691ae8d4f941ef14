import { setTimeout as delay } from 'node:timers/promises';
import { aborted } from '../adapters/system/shutdown';
import type { TemporalClient } from '../adapters/temporal/client';
import { ensureSchedule } from '../adapters/temporal/schedule';
import type { RecurringWorkflow } from '../adapters/temporal/schedule';
import type { Log } from '../application/ports/log';
import type { CommandWorkerConfig } from '../config';
import type { ReconcileInput } from '../contracts/reconciliation';
import type { JanitorInput } from '../contracts/janitor';
import type { CatchUpInput, SweepInput } from '../contracts/saga';
import {
  janitorScheduleId,
  reconciliationScheduleId,
  sweeperScheduleId,
  taskQueues,
  workflowTypes,
  catchUpScheduleId,
} from '../contracts/workflow-names';

const retryMs = 5_000;

const catchUp: CatchUpInput = {
  // Without a cursor nobody knows what was missed; a day is what a first start may have to make up.
  firstLookMs: 86_400_000,
  // The list is not promised to be in order at its young end.
  overlapMs: 300_000,
  windowMs: 600_000,
};

/** The work that this fleet does again and again, and how often. */
export function schedulesOf(config: CommandWorkerConfig): readonly RecurringWorkflow[] {
  const own = config.SAGA_TASK_QUEUE;
  const taskQueue = own ?? taskQueues.saga;
  // A second fleet on a task queue of its own sees to its own work.
  const idOf = (scheduleId: string) => (own === undefined ? scheduleId : `${scheduleId}:${own}`);
  const sweep: SweepInput = {
    pendingAfterMs: config.SWEEP_PENDING_AFTER_MS,
    processingAfterMs: config.SWEEP_PROCESSING_AFTER_MS,
    waitingAfterMs: config.SWEEP_WAITING_AFTER_MS,
  };
  const clean: JanitorInput = {
    keepMs: {
      outbox_events: config.OUTBOX_RETENTION_MS,
      inbox: config.INBOX_RETENTION_MS,
      idempotency_keys: config.IDEMPOTENCY_RETENTION_MS,
      stripe_events: config.WEBHOOK_RETENTION_MS,
    },
  };
  const reconcile: ReconcileInput = { origin: 'schedule', ...config.reconciliation };
  return [
    {
      scheduleId: idOf(reconciliationScheduleId),
      workflowType: workflowTypes.reconcilePayments,
      taskQueue,
      everyMs: config.RECONCILE_INTERVAL_MS,
      input: reconcile,
      runTimeoutMs: 24 * 3_600_000,
    },
    {
      scheduleId: idOf(sweeperScheduleId),
      workflowType: workflowTypes.sweepPayments,
      taskQueue,
      everyMs: config.SWEEP_INTERVAL_MS,
      input: sweep,
      runTimeoutMs: 600_000,
    },
    {
      scheduleId: idOf(catchUpScheduleId),
      workflowType: workflowTypes.catchUpEvents,
      taskQueue,
      everyMs: config.EVENTS_CATCH_UP_INTERVAL_MS,
      input: catchUp,
      runTimeoutMs: 3_600_000,
    },
    {
      scheduleId: idOf(janitorScheduleId),
      workflowType: workflowTypes.janitor,
      taskQueue,
      everyMs: config.JANITOR_INTERVAL_MS,
      input: clean,
      runTimeoutMs: 1_800_000,
    },
  ];
}

/**
 * Makes each schedule, and keeps at it in the background: they are safety nets, not what a payment
 * waits for. Each by itself, so that one that Temporal refuses does not take the others along.
 */
export async function untilScheduled(
  { client }: TemporalClient,
  schedules: readonly RecurringWorkflow[],
  given: { readonly log: Log; readonly stop: AbortSignal },
): Promise<void> {
  await Promise.all(schedules.map((schedule) => untilMade(client, schedule, given)));
}

async function untilMade(
  client: TemporalClient['client'],
  schedule: RecurringWorkflow,
  { log, stop }: { readonly log: Log; readonly stop: AbortSignal },
): Promise<void> {
  while (!stop.aborted) {
    try {
      // A call to a Temporal that is frozen ends by its own deadline; a stop does not wait for it.
      return await Promise.race([ensureSchedule(client, schedule), aborted(stop)]);
    } catch (error) {
      const { scheduleId } = schedule;
      log.warn({ scheduleId, error: String(error) }, 'not scheduled yet');
      await delay(retryMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}
