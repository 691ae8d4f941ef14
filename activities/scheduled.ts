import { beating } from './beating';
import { createCatchUp } from './catch-up';
import type { CatchUpDependencies } from './catch-up';
import { createCleanUp } from './clean-up';
import type { CleanUpDependencies } from './clean-up';

/** The activities of the scheduled workflows, bound to what they touch. */
export function createScheduledActivities(deps: CleanUpDependencies & CatchUpDependencies) {
  return { cleanUp: createCleanUp(deps), catchUp: beating(createCatchUp(deps)) };
}

export type ScheduledActivities = ReturnType<typeof createScheduledActivities>;
