import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderErrorKind, RefundSnapshot } from '../application/ports/payment-provider';
import type { RefundChange, SagaRefund } from '../application/ports/refund-store';
import type { ProviderRequest } from '../application/ports/saga-store';
import type { RefundInput, RefundStanding } from '../contracts/refund';
import { faultTypes } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';
import { isForgotten, isSpent, renewRequest } from './provider-keys';
import { noted, tellRefund } from './tell-refund';

type RefundRequest = ProviderRequest<`refund:${string}`>;

/** Answers for good: the provider looked at the refund, and will not make it. */
const refusals: readonly ProviderErrorKind[] = ['already_refunded', 'invalid_request', 'not_found'];

/**
 * Asks the provider for a refund, going on from whatever its row says was done before. Crash points:
 * after_refund_stored (the key is stored, nothing was sent; the next attempt sends it),
 * after_stripe_refund (the refund is made and no row says so: the same key finds it).
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createSendRefund(deps: ActivityDependencies) {
  return async ({ refundId }: RefundInput): Promise<RefundStanding> => {
    try {
      return { status: await send(deps, await loadRefund(deps, refundId)) };
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

/** @throws ActivityFault `RefundNotFound` */
export async function loadRefund(
  deps: ActivityDependencies,
  refundId: string,
): Promise<SagaRefund> {
  const refund = await deps.refunds.find(refundId);
  if (refund !== null) return refund;
  throw new ActivityFault(faultTypes.refundNotFound, `refund ${refundId} does not exist`);
}

async function send(
  deps: ActivityDependencies,
  refund: SagaRefund,
): Promise<RefundStanding['status']> {
  if (refund.status !== 'pending') return refund.status;
  if (refund.providerRefundId !== null) {
    return statusIn(
      await tellRefund(deps, await deps.provider.retrieveRefund(refund.providerRefundId)),
    );
  }
  const stored = await storedRequest(deps, refund);
  deps.crashPoints.reach('after_refund_stored');
  try {
    return statusIn(await tellRefund(deps, await make(deps, refund, stored)));
  } catch (error) {
    if (!(error instanceof ProviderError) || !refusals.includes(error.kind)) throw error;
    return refused(deps, refund, error);
  }
}

function intentOf({ payment, refundId }: SagaRefund): string {
  if (payment.intentId !== null) return payment.intentId;
  throw new ActivityFault(faultTypes.refundNotFound, `refund ${refundId} has nothing to refund`);
}

async function storedRequest(
  deps: ActivityDependencies,
  refund: SagaRefund,
): Promise<RefundRequest> {
  const { refundId, amountMinor, providerReason: reason } = refund;
  const { paymentId, currency } = refund.payment;
  const of = { paymentId, operation: `refund:${refundId}` } as const;
  const params = { refundId, paymentId, intentId: intentOf(refund), amountMinor, currency, reason };
  return (
    (await deps.store.latestRequest(of)) ??
    (await deps.store.addRequest({ ...of, attemptNumber: 1, params }))
  );
}

/**
 * A key that may be forgotten, or that can lead to nothing any more, is replaced only once the list
 * of the intent's refunds shows that it made none.
 */
async function make(
  deps: ActivityDependencies,
  refund: SagaRefund,
  stored: RefundRequest,
): Promise<RefundSnapshot> {
  const renew = () => renewRequest(deps, refund.payment.paymentId, stored);
  if (isForgotten(stored)) return (await madeBefore(deps, refund)) ?? create(deps, await renew());
  try {
    return await create(deps, stored);
  } catch (error) {
    if (!isSpent(error)) throw error;
    return (await madeBefore(deps, refund)) ?? create(deps, await renew());
  }
}

async function create(deps: ActivityDependencies, request: RefundRequest): Promise<RefundSnapshot> {
  const answer = await deps.provider.createRefund(request);
  deps.crashPoints.reach('after_stripe_refund');
  return answer.replayed ? deps.provider.retrieveRefund(answer.id) : answer;
}

async function madeBefore(
  deps: ActivityDependencies,
  refund: SagaRefund,
): Promise<RefundSnapshot | null> {
  const refunds = await deps.provider.listRefunds(intentOf(refund));
  return refunds.find(({ refundId }) => refundId === refund.refundId) ?? null;
}

/** Refused for good, unless an earlier number was executed after all. */
async function refused(
  deps: ActivityDependencies,
  refund: SagaRefund,
  { code, kind }: ProviderError,
): Promise<RefundStanding['status']> {
  const made = await madeBefore(deps, refund);
  if (made !== null) return statusIn(await tellRefund(deps, made));
  const end = { refundId: refund.refundId, status: 'failed', failureCode: code ?? kind } as const;
  return statusIn(await noted(deps, await deps.refunds.end(end)));
}

/** @throws ActivityFault while the payment's own saga has not recorded its outcome */
export function statusIn(change: RefundChange): RefundStanding['status'] {
  if ('refund' in change) return change.refund.status;
  throw new ActivityFault(faultTypes.unfinished, `the refund cannot be recorded: ${change.kind}`);
}
