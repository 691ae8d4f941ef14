import type { RefuseRequestInput } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { toFailure } from './errors';

/**
 * Tells a merchant that a capture or cancel came to nothing; one that is answered stays as it is.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createRefuseRequest(deps: ActivityDependencies) {
  return async (refused: RefuseRequestInput): Promise<void> => {
    try {
      await deps.store.refuseRequest(refused);
    } catch (error) {
      throw toFailure(error, 'record');
    }
  };
}
