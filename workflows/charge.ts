import { faultTypes } from '../contracts/saga';
import type { AuthorizeResult } from '../contracts/saga';
import { faultTypeOf, wasNeverStarted } from './failures';
import type { Forward, Steps } from './steps';

// Each turn has the provider's whole budget again, and is granted only after an outage of ours in
// between. The limit keeps a database and a provider that fail by turns from charging for ever.
const maxTurns = 5;

/**
 * Charges the card, or captures what it holds. The budget is the provider's: a database that is away is waited out, however
 * long, because the undo and the parking need it as much; and a step that no worker took in time
 * is scheduled again, because then the provider was not even asked.
 * @throws ActivityFailure once the provider's budget is used up, or at a refusal for good
 */
export async function charge(
  steps: Steps,
  call: (forward: Forward) => Promise<AuthorizeResult>,
): Promise<AuthorizeResult> {
  for (let turn = 1; ; turn += 1) {
    const isLast = turn === maxTurns;
    try {
      return await call(steps.forward);
    } catch (error) {
      if (wasNeverStarted(error) && !isLast) continue;
      if (!isStoreAway(error)) throw error;
    }
    try {
      return await call(steps.forwardThroughOutage);
    } catch (error) {
      if (!steps.forwardRepeats || isLast || !isProviderAway(error)) throw error;
    }
  }
}

function isStoreAway(error: unknown): boolean {
  const type = faultTypeOf(error);
  return type === faultTypes.storeUnavailable || type === faultTypes.storeConflict;
}

function isProviderAway(error: unknown): boolean {
  const type = faultTypeOf(error);
  return type === faultTypes.providerUnavailable || type === faultTypes.unfinished;
}
