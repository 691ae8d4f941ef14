import type { RefundInput, RefundStanding, SettleRefundInput } from '../contracts/refund';
import { failureCodes } from '../contracts/saga';
import { announce } from './announce';
import type { ActivityDependencies } from './dependencies';
import { toFailure } from './errors';
import { loadRefund, statusIn } from './send-refund';
import { noted, tellRefund } from './tell-refund';

/**
 * Asks the provider how a refund stands that it has taken, and writes down what it says.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createReadRefund(deps: ActivityDependencies) {
  return async ({ refundId }: RefundInput): Promise<RefundStanding> => {
    try {
      const { status, providerRefundId } = await loadRefund(deps, refundId);
      if (status !== 'pending' || providerRefundId === null) return { status };
      const snapshot = await deps.provider.retrieveRefund(providerRefundId);
      return { status: statusIn(await tellRefund(deps, snapshot)) };
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

/**
 * Ends a refund by an operator's word. The provider is asked first: a refund of ours that it knows,
 * or the one that the operator names, decides; without either ours is canceled. Should it be made
 * after all, its money is counted as that of a refund of its own.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createSettleRefund(deps: ActivityDependencies) {
  return async ({ refundId, reason, providerRef }: SettleRefundInput): Promise<RefundStanding> => {
    try {
      const { status, payment, amountMinor } = await loadRefund(deps, refundId);
      if (status !== 'pending') return { status };
      const { paymentId, intentId } = payment;
      deps.log.warn({ paymentId, refundId, reason, providerRef }, 'refund settled by an operator');
      const refunds = intentId === null ? [] : await deps.provider.listRefunds(intentId);
      const made =
        refunds.find((refund) => refund.refundId === refundId) ??
        refunds.find(
          (refund) =>
            refund.id === providerRef &&
            refund.refundId === null &&
            // One of another amount is a refund of its own, and is counted by itself.
            refund.amountMinor === amountMinor,
        );
      if (made !== undefined) {
        const change = await tellRefund(deps, { ...made, refundId });
        if ('refund' in change && change.refund.refundId === refundId) {
          return { status: change.refund.status };
        }
      }
      const failureCode = failureCodes.resolvedManually;
      const end = { refundId, status: 'canceled', failureCode } as const;
      return { status: statusIn(await noted(deps, await deps.refunds.end(end))) };
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

/**
 * Lets it be known that nobody knows what became of a refund.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createNoteRefundParked(deps: ActivityDependencies) {
  return async ({ refundId }: RefundInput): Promise<void> => {
    try {
      const { reason, payment } = await loadRefund(deps, refundId);
      const { currency, paymentId } = payment;
      deps.metrics.refundEnded({ reason, result: 'parked', currency, refundedMinor: 0 });
      deps.log.error({ paymentId, refundId }, 'refund parked: an operator is needed');
    } catch (error) {
      throw toFailure(error, 'park');
    }
  };
}

/**
 * Publishes what the refund's changes left unpublished where there is no outbox.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createAnnounceRefund(deps: ActivityDependencies) {
  return async ({ refundId }: RefundInput): Promise<void> => {
    try {
      await announce(deps, (await loadRefund(deps, refundId)).payment);
    } catch (error) {
      throw toFailure(error, 'announce');
    }
  };
}
