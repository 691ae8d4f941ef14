import type { RefundResult } from '../application/ports/metrics';
import type { RefundSnapshot } from '../application/ports/payment-provider';
import type { RefundChange } from '../application/ports/refund-store';
import type { SagaPayment } from '../application/ports/saga-store';
import { failureCodes } from '../contracts/saga';
import { traceIdOf } from '../contracts/trace-id';
import { paymentFactTypes } from '../domain/payment-facts';
import { announceProgress } from './announce';
import type { ActivityDependencies } from './dependencies';

/**
 * Applies what the provider says about a refund, whoever heard it: the saga of the refund or of its
 * payment, a webhook, a look at the provider. Repeating it is harmless.
 * @throws StoreUnavailable | StoreRefused
 */
export async function tellRefund(
  deps: ActivityDependencies,
  snapshot: RefundSnapshot,
  options: { readonly isBySaga: boolean } = { isBySaga: false },
): Promise<RefundChange> {
  return noted(deps, await deps.refunds.apply(snapshot, options));
}

/** Counts and logs a change, and lets its event be heard. */
export async function noted(
  deps: ActivityDependencies,
  change: RefundChange,
): Promise<RefundChange> {
  if (change.kind !== 'applied') return change;
  const { refund, refundedMinor, isParked } = change;
  const { payment, reason } = refund;
  const result = resultOf(change);
  if (result !== null) {
    const { currency } = payment;
    deps.metrics.refundEnded({ reason, result, currency, refundedMinor });
  }
  const traceId = traceIdOf(payment.traceparent);
  const fields = {
    paymentId: payment.paymentId,
    refundId: refund.refundId,
    status: refund.status,
    reason,
    failureCode: refund.failureCode,
    ...(traceId === null ? {} : { traceId }),
  };
  if (isParked) noteParked(deps, payment, fields);
  else deps.log.info(fields, 'refund changed');
  await announceProgress(deps, payment);
  return change;
}

function noteParked(
  deps: ActivityDependencies,
  { currency }: SagaPayment,
  fields: Readonly<Record<string, unknown>>,
): void {
  const failureCode = failureCodes.refundFailedLate;
  const figures = { currency, capturedMinor: 0, refundedMinor: 0 };
  deps.metrics.paymentEnded({ status: 'needs_review', failureCode, ...figures });
  deps.log.error(fields, 'payment parked: its refund failed after it had succeeded');
}

function resultOf(
  change: Extract<RefundChange, { readonly kind: 'applied' }>,
): RefundResult | null {
  const isReversed = change.isParked || change.event === paymentFactTypes.refundReversed;
  if (isReversed) return 'reversed';
  const { status } = change.refund;
  return status === 'pending' ? null : status;
}
