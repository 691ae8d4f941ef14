import { Fault } from '../../application/diagnosis';
import type { Check } from '../../application/diagnosis';
import { phaseTitles, readPhase } from '../../config/phases';
import type { FeatureFlags } from '../../contracts/flags';

/** Whether the flags are a migration phase. */
export function flagChecks(flags: FeatureFlags): Check[] {
  return [
    {
      name: 'flags',
      advice: 'docs/migration-phases.md',
      run: async () => {
        const { phase, contradictions, remedy } = readPhase(flags);
        if (phase !== null) return phaseTitles[phase];
        throw new Fault(contradictions.join('; '), remedy ?? 'docs/migration-phases.md');
      },
    },
  ];
}
