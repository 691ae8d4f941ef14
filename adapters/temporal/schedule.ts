import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleOptions } from '@temporalio/client';
import type { workflowTypes } from '../../contracts/workflow-names';

/** A workflow that is started again and again. */
export interface RecurringWorkflow {
  /** Also the id of the workflow. */
  readonly scheduleId: string;
  readonly workflowType: (typeof workflowTypes)[keyof typeof workflowTypes];
  readonly taskQueue: string;
  readonly everyMs: number;
  readonly input: object;
  /** A run is ended after this long, so that one that hangs does not stand in the way of the next. */
  readonly runTimeoutMs: number;
}

const callsTimeoutMs = 10_000;

/**
 * Creates the schedule, or gives the existing one the present settings; several workers may race.
 * @throws when Temporal gives no answer within `timeoutMs`
 */
export async function ensureSchedule(
  client: Client,
  recurring: RecurringWorkflow,
  timeoutMs = callsTimeoutMs,
): Promise<void> {
  await client.withDeadline(Date.now() + timeoutMs, () => createOrUpdate(client, recurring));
}

async function createOrUpdate(client: Client, recurring: RecurringWorkflow): Promise<void> {
  const schedule = scheduleOf(recurring);
  try {
    await client.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = schedule;
    await client.schedule
      .getHandle(recurring.scheduleId)
      // Whether it is paused stays an operator's decision.
      .update((previous) => ({ ...previous, spec, action, policies: { ...policies } }));
  }
}

function scheduleOf(recurring: RecurringWorkflow) {
  return {
    scheduleId: recurring.scheduleId,
    spec: { intervals: [{ every: recurring.everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: recurring.workflowType,
      workflowId: recurring.scheduleId,
      taskQueue: recurring.taskQueue,
      args: [recurring.input],
      workflowRunTimeout: recurring.runTimeoutMs,
    },
    // Each run sees to whatever an earlier one missed, so none is ever made up for.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
  } satisfies ScheduleOptions;
}
