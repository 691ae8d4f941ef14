import { proxyActivities } from '@temporalio/workflow';
import type { ScheduledActivities } from '../activities/scheduled';
import type { CatchUpInput, CatchUpResult } from '../contracts/saga';

// A run that did not get through is followed by the next one of the schedule.
const { catchUp } = proxyActivities<Pick<ScheduledActivities, 'catchUp'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { maximumAttempts: 5, initialInterval: '1 second', maximumInterval: '1 minute' },
  summary: 'read what the provider says happened',
});

// Of ten minutes each by default: a run after an outage covers half a day, and the next goes on.
const maxSteps = 72;

/** Reads on in the provider's history of events, for webhooks that never came; run by a schedule. */
export async function catchUpEvents(input: CatchUpInput): Promise<CatchUpResult> {
  let added = 0;
  for (let steps = 0; steps < maxSteps; steps += 1) {
    const step = await catchUp(input);
    added += step.added;
    if (step.isCaughtUp) return { added, isCaughtUp: true };
  }
  return { added, isCaughtUp: false };
}
