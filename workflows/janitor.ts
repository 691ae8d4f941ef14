import { proxyActivities } from '@temporalio/workflow';
import type { ScheduledActivities } from '../activities/scheduled';
import type { JanitorInput, JanitorResult } from '../contracts/janitor';

// A run that did not get through is followed by the next one of the schedule.
const { cleanUp } = proxyActivities<Pick<ScheduledActivities, 'cleanUp'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { maximumAttempts: 3, initialInterval: '1 second' },
});

/** Deletes what has been kept long enough; run by a schedule. */
export async function janitor(input: JanitorInput): Promise<JanitorResult> {
  return cleanUp(input);
}
