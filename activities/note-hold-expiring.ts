import { faultTypes } from '../contracts/saga';
import type { HoldNoticeInput } from '../contracts/saga';
import { paymentFactTypes } from '../domain/payment-facts';
import { announce } from './announce';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';

/**
 * Tells that a hold lapses soon. Noted once, however often it runs; a payment that is held no more
 * is left alone.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createNoteHoldExpiring(deps: ActivityDependencies) {
  return async ({ paymentId, captureBefore, policy }: HoldNoticeInput): Promise<void> => {
    try {
      const payment = await deps.store.load(paymentId);
      if (payment === null) {
        throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} does not exist`);
      }
      if (payment.status !== 'authorized') return;
      const note = {
        payment,
        type: paymentFactTypes.holdExpiring,
        about: { hold: { capture_before: captureBefore, policy } },
        once: true,
      };
      if (!(await deps.store.noteFact(note))) {
        throw new ActivityFault(faultTypes.storeConflict, 'the payment moved on, it is read again');
      }
      await announce(deps, payment);
    } catch (error) {
      throw toFailure(error, 'record');
    }
  };
}
