import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleOptions } from '@temporalio/client';
import type { SweepInput } from '../../contracts/saga';
import { workflowTypes } from '../../contracts/workflow-names';

export interface SweeperScheduleOptions {
  readonly client: Client;
  readonly scheduleId: string;
  readonly taskQueue: string;
  readonly intervalMs: number;
  readonly sweep: SweepInput;
}

const callsTimeoutMs = 10_000;

/**
 * Creates the schedule, or gives the existing one the present settings; several workers may race.
 * @throws when Temporal gives no answer within `timeoutMs`
 */
export async function ensureSweeperSchedule(
  options: SweeperScheduleOptions,
  timeoutMs = callsTimeoutMs,
): Promise<void> {
  await options.client.withDeadline(Date.now() + timeoutMs, () => createOrUpdate(options));
}

async function createOrUpdate(options: SweeperScheduleOptions): Promise<void> {
  const schedule = scheduleOf(options);
  try {
    await options.client.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = schedule;
    await options.client.schedule
      .getHandle(options.scheduleId)
      // Whether it is paused stays an operator's decision.
      .update((previous) => ({ ...previous, spec, action, policies: { ...policies } }));
  }
}

function scheduleOf(options: SweeperScheduleOptions) {
  return {
    scheduleId: options.scheduleId,
    spec: { intervals: [{ every: options.intervalMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflowTypes.sweepPayments,
      workflowId: options.scheduleId,
      taskQueue: options.taskQueue,
      args: [options.sweep],
      workflowRunTimeout: '10 minutes',
    },
    // A sweep finds whatever an earlier one missed, so none is ever made up for.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
  } satisfies ScheduleOptions;
}
