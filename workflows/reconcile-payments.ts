import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { ReconcileActivities } from '../activities/reconcile-activities';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { ReconcileInput, ReconcileResult } from '../contracts/reconciliation';

// Each attempt goes on where the one before it ended, so there may be many.
const { compareRecords, repairRecords } = proxyActivities<
  Pick<ReconcileActivities, 'compareRecords' | 'repairRecords'>
>({
  startToCloseTimeout: '6 hours',
  scheduleToCloseTimeout: '12 hours',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

const { openRun, closeRun } = proxyActivities<Pick<ReconcileActivities, 'openRun' | 'closeRun'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '12 hours',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** With doubling waits: a minute's wait at first is an hour in the end. */
const looks = 6;

/**
 * Compares our records of a window with the provider's, has those of ours corrected that are wrong,
 * and says what was found. Run by a schedule, or because somebody asked.
 */
export async function reconcilePayments(input: ReconcileInput): Promise<ReconcileResult> {
  const info = workflowInfo();
  const runId = input.run?.id ?? ownRunId(info);
  const run = { runId, graceMs: input.graceMs };
  await openRun({ ...input, runId, startedAt: info.startTime.toISOString() });
  await compareRecords(run);
  let { hopeful } = await repairRecords({ ...run, ask: true });
  for (let look = 0; hopeful > 0 && look < looks; look += 1) {
    await sleep(input.repairWaitMs * 2 ** look);
    ({ hopeful } = await repairRecords({ ...run, ask: false }));
  }
  const { found, repaired } = await closeRun(run);
  return { runId, found, repaired };
}

/** Begins with the time, as other ids do, so that runs are listed by their age. */
function ownRunId({ startTime, runId }: WorkflowInfo): string {
  const time = startTime.getTime().toString(16).padStart(12, '0');
  return `rec_${time}${runId.replaceAll('-', '').slice(-20)}`;
}
