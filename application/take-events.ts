import { applyProviderEvent, judge } from './apply-provider-event';
import type { ApplyEventDeps } from './apply-provider-event';
import type { EventIntake } from './ports/kept-events';

/**
 * Takes in what was read from the provider's own list: the same rows as a webhook's, applied here
 * and now, for whoever reads the list is the process that would get the command.
 */
export function createEventIntake(deps: ApplyEventDeps): EventIntake {
  return {
    async take(events) {
      const known = await deps.events.known(events.map(({ id }) => id));
      let added = 0;
      for (const event of events) {
        if (known.has(event.id)) continue;
        const outcome = judge(event, null) === 'ignore' ? ('ignored' as const) : null;
        if (!(await deps.events.add({ event, outcome, command: null }))) continue;
        added += 1;
        await applyProviderEvent(deps, event.id);
      }
      if (added > 0) deps.metrics.caughtUp(added);
      return added;
    },
  };
}
