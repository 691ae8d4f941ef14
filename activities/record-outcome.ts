import type { RecordInput } from '../contracts/saga';
import { faultTypes } from '../contracts/saga';
import { traceIdOf } from '../contracts/trace-id';
import { isSettled } from '../domain/payment-states';
import type { SagaPayment } from '../application/ports/saga-store';
import { announce } from './announce';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';

/**
 * Writes how the payment ended: status, figures, transition and event in one statement.
 * Repeating is harmless: a row that has the status already is left as it is, and only its event is
 * published again where there is no outbox. Crash points: before_record (nothing written, it runs
 * again), after_record (written and not reported: the repeat finds it).
 * @throws ApplicationFailure; final only when the database refuses the change itself, never when
 * the change is written and only its announcement fails
 */
export function createRecordOutcome(deps: ActivityDependencies) {
  return async (input: RecordInput): Promise<void> => {
    const payment = await recordOrFail(deps, input);
    try {
      await announce(deps, payment);
    } catch (error) {
      throw toFailure(error, 'announce');
    }
  };
}

async function recordOrFail(deps: ActivityDependencies, input: RecordInput): Promise<SagaPayment> {
  try {
    deps.crashPoints.reach('before_record');
    return await record(deps, input);
  } catch (error) {
    throw toFailure(error, input.status === 'needs_review' ? 'park' : 'record');
  }
}

async function record(deps: ActivityDependencies, input: RecordInput): Promise<SagaPayment> {
  const { paymentId, status, ...facts } = input;
  const payment = await deps.store.load(paymentId);
  if (payment === null) {
    throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} does not exist`);
  }
  if (payment.status === status) return payment;
  if (!(await deps.store.transition({ ...facts, payment, to: status }))) {
    throw new ActivityFault(faultTypes.storeConflict, 'the payment moved on, it is read again');
  }
  if (isSettled(status)) noteOutcome(deps, payment, input);
  deps.crashPoints.reach('after_record');
  return payment;
}

/** Counts and logs how a payment ended, or that it waits for an operator. */
export function noteOutcome(
  deps: ActivityDependencies,
  payment: SagaPayment,
  input: RecordInput,
): void {
  const { paymentId, status, failure } = input;
  const failureCode = failure?.code ?? null;
  deps.metrics.paymentEnded({
    status,
    failureCode,
    currency: payment.currency,
    capturedMinor: (input.capturedMinor ?? payment.capturedMinor) - payment.capturedMinor,
    refundedMinor: (input.refundedMinor ?? payment.refundedMinor) - payment.refundedMinor,
  });
  const traceId = traceIdOf(payment.traceparent);
  const fields = { paymentId, status, failureCode, ...(traceId === null ? {} : { traceId }) };
  if (status === 'needs_review') deps.log.error(fields, 'payment parked: an operator is needed');
  else deps.log.info(fields, 'payment ended');
}
