import { createCleanUp } from './clean-up';
import type { CleanUpDependencies } from './clean-up';

/** The activities of the scheduled workflows, bound to what they touch. */
export function createScheduledActivities(deps: CleanUpDependencies) {
  return { cleanUp: createCleanUp(deps) };
}

export type ScheduledActivities = ReturnType<typeof createScheduledActivities>;
