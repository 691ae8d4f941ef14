import { createAuthorizePayment } from './authorize-payment';
import type { ActivityDependencies } from './dependencies';
import { createRecordOutcome } from './record-outcome';
import { createReleaseFunds } from './release-funds';
import { createSweepUnsettled } from './sweep-unsettled';

export type { ActivityDependencies } from './dependencies';

/** The activities of the saga and of its sweeper, bound to what they touch. */
export function createActivities(deps: ActivityDependencies) {
  return {
    authorizePayment: createAuthorizePayment(deps),
    releaseFunds: createReleaseFunds(deps),
    recordOutcome: createRecordOutcome(deps),
    sweepUnsettled: createSweepUnsettled(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
