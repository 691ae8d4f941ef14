import type { IntentSnapshot } from '../application/ports/payment-provider';
import type { SagaPayment } from '../application/ports/saga-store';
import { failureCodes, faultTypes } from '../contracts/saga';
import type { AuthorizeResult, ReadProviderInput } from '../contracts/saga';
import { answerOf, canceledFailure } from './confirm-intent';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';

/**
 * Asks the provider where a payment stands that waits. It changes nothing, here or there.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createReadProvider(deps: ActivityDependencies) {
  return async ({ paymentId }: ReadProviderInput): Promise<AuthorizeResult> => {
    try {
      const payment = await deps.store.load(paymentId);
      if (payment === null || payment.intentId === null) {
        throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} has no intent`);
      }
      return standingOf(payment, await deps.provider.retrieveIntent(payment.intentId));
    } catch (error) {
      throw toFailure(error, 'forward');
    }
  };
}

/** As `answerOf`, for a payment that was told of before: a cancel then ends what there was. */
export function standingOf(payment: SagaPayment, intent: IntentSnapshot): AuthorizeResult {
  if (intent.status !== 'canceled') return answerOf(payment, intent);
  return { kind: 'canceled', failure: endOf(payment, intent) };
}

function endOf(payment: SagaPayment, intent: IntentSnapshot) {
  if (payment.status !== 'authorized') return canceledFailure(intent);
  return {
    code: failureCodes.holdExpired,
    declineCode: null,
    message: 'The hold lapsed, or was released at the payment provider, before it was captured.',
  };
}
