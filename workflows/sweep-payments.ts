import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { SweepInput, SweepResult } from '../contracts/saga';

// A run that did not get through is followed by the next one of the schedule.
const { sweepUnsettled } = proxyActivities<Pick<Activities, 'sweepUnsettled'>>({
  startToCloseTimeout: '2 minutes',
  retry: { maximumAttempts: 3, initialInterval: '1 second' },
});

/** Starts the saga of payments that were left behind; run by a schedule. */
export async function sweepPayments(input: SweepInput): Promise<SweepResult> {
  return sweepUnsettled(input);
}
