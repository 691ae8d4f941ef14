import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { ApplyFactInput, ApplyFactResult } from '../contracts/saga';

// Without an end: the event is closed once this runs, and nobody else would bring it again.
const { applyFact } = proxyActivities<Pick<Activities, 'applyFact'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
  summary: 'read the provider, apply what it shows',
});

/** Applies to a payment what the provider shows, where no saga is left to hear of it. */
export async function applyProviderFact(input: ApplyFactInput): Promise<ApplyFactResult> {
  return applyFact(input);
}
