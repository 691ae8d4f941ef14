import { faultTypes } from '../contracts/saga';
import type { ReadReviewInput, ReviewReport } from '../contracts/review';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';

/**
 * Reads whether a payment is parked, and why. Nothing is written, so that repeating it is harmless.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createReadReview({ parked }: Pick<ActivityDependencies, 'parked'>) {
  return async ({ paymentId }: ReadReviewInput): Promise<ReviewReport> => {
    try {
      const payment = await parked.find(paymentId);
      if (payment !== null) return payment;
      throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} does not exist`);
    } catch (error) {
      throw toFailure(error, 'record');
    }
  };
}
