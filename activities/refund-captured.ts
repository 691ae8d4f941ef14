import type { IntentSnapshot, RefundSnapshot } from '../application/ports/payment-provider';
import type { ProviderRequest, SagaPayment } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import type { FundsReport } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault } from './errors';
import { isForgotten, isSpent } from './provider-keys';
import { tellRefund } from './tell-refund';

interface Captured {
  readonly payment: SagaPayment;
  readonly intent: IntentSnapshot;
}

/** What the provider has given back for good, in minor units. */
export function refundedAtProvider(refunds: readonly RefundSnapshot[]): number {
  return refunds
    .filter((refund) => refund.status === 'succeeded')
    .reduce((sum, refund) => sum + refund.amountMinor, 0);
}

/**
 * Refunds what is captured and not yet refunded; done only when the provider says so.
 * A refund has no fence. So it is listed first, by our id in its metadata; one that is not listed
 * is sent again with the same key, and the number rises only after a refund that failed.
 * @throws ActivityFault `ProviderUnfinished` (repeat) or `RefundFailed` (an operator decides)
 */
export async function refundRest(
  deps: ActivityDependencies,
  captured: Captured,
): Promise<FundsReport> {
  const refunds = await deps.provider.listRefunds(captured.intent.id);
  const refundedMinor = refundedAtProvider(refunds);
  const last = await lastRequest(deps, captured);
  const known = last && refunds.find((refund) => refund.refundId === last.params.refundId);
  // Bookkeeping first: a refund that was made by an attempt which then died is written down here.
  const news = await keepRefunds(deps, refunds);
  assertNoneOpen(refunds);
  const restMinor = captured.intent.capturedMinor - refundedMinor;
  if (restMinor <= 0) return report(captured, refundedMinor);
  if (known && known.status !== 'succeeded' && news.has(known.id)) throw refundFailed(known);
  const request =
    last !== null && !known && !isForgotten(last)
      ? last
      : await addRequest(deps, captured, { number: (last?.attemptNumber ?? 0) + 1, restMinor });
  const refund = await send(deps, captured, { request, restMinor });
  deps.crashPoints.reach('mid_compensation');
  return report(captured, refundedMinor + (await amountDone(deps, refund)));
}

function lastRequest(deps: ActivityDependencies, { payment }: Captured) {
  return deps.store.latestRequest({ paymentId: payment.paymentId, operation: 'refund' });
}

function addRequest(
  deps: ActivityDependencies,
  { payment, intent }: Captured,
  next: { number: number; restMinor: number },
): Promise<ProviderRequest<'refund'>> {
  return deps.store.addRequest({
    paymentId: payment.paymentId,
    operation: 'refund',
    attemptNumber: next.number,
    params: {
      // Derived, so that two attempts that race for the same number name the same refund.
      refundId: `re_${payment.paymentId.replace(/^pay_/, '')}_u${next.number}`,
      paymentId: payment.paymentId,
      intentId: intent.id,
      amountMinor: next.restMinor,
      currency: payment.currency,
      reason: null,
    },
  });
}

async function send(
  deps: ActivityDependencies,
  captured: Captured,
  { request, restMinor }: { request: ProviderRequest<'refund'>; restMinor: number },
): Promise<RefundSnapshot> {
  try {
    return await live(deps, await deps.provider.createRefund(request));
  } catch (error) {
    if (!isSpent(error)) throw error;
    const refunds = await deps.provider.listRefunds(captured.intent.id);
    const found = refunds.find((refund) => refund.refundId === request.params.refundId);
    if (found) return found;
    // What is left now: the spent request may have been refused because it asked for more.
    const next = { number: request.attemptNumber + 1, restMinor };
    const renewed = await addRequest(deps, captured, next);
    return live(deps, await deps.provider.createRefund(renewed));
  }
}

async function live(deps: ActivityDependencies, refund: RefundSnapshot): Promise<RefundSnapshot> {
  return refund.replayed ? deps.provider.retrieveRefund(refund.id) : refund;
}

async function amountDone(deps: ActivityDependencies, refund: RefundSnapshot): Promise<number> {
  await keepRefunds(deps, [refund]);
  assertNoneOpen([refund]);
  if (refund.status !== 'succeeded') throw refundFailed(refund);
  return refund.amountMinor;
}

/**
 * Writes down the payment's refunds before the saga writes the figures that they make.
 * @returns the provider's ids of those that were told something new of
 */
export async function keepRefunds(
  deps: ActivityDependencies,
  refunds: readonly RefundSnapshot[],
): Promise<ReadonlySet<string>> {
  const news = new Set<string>();
  for (const refund of refunds) {
    const change = await tellRefund(deps, refund, { isBySaga: true });
    if (change.kind === 'applied') news.add(refund.id);
  }
  return news;
}

function assertNoneOpen(refunds: readonly RefundSnapshot[]): void {
  if (refunds.some(({ status }) => status === 'pending' || status === 'requires_action')) {
    throw new ActivityFault(faultTypes.unfinished, 'a refund is still on its way');
  }
}

function refundFailed(refund: RefundSnapshot): ActivityFault {
  return new ActivityFault(
    faultTypes.refundFailed,
    `refund ${refund.id} ended ${refund.status}: ${refund.failureReason ?? 'no reason given'}`,
  );
}

function report({ intent }: Captured, refundedMinor: number): FundsReport {
  return { heldMinor: 0, capturedMinor: intent.capturedMinor, refundedMinor };
}
