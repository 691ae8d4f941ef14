import { allHandlersFinished, CancellationScope, condition, log } from '@temporalio/workflow';
import type { ReviewReport } from '../contracts/review';
import type { FundsReport, ProcessPaymentInput, ProcessPaymentResult } from '../contracts/saga';
import { failureCodes } from '../contracts/saga';
import { faultTypeOf, interrupted } from './failures';
import { OperatorDesk } from './operator-desk';
import type { OperatorRequest } from './operator-desk';
import { attend } from './parked-payment';
import type { Attended } from './parked-payment';
import { PaymentProgress } from './payment-progress';
import { Saga } from './saga';
import { stepsWith } from './steps';
import type { Steps } from './steps';
import { withoutPendingUndo } from './verdict';
import type { Lost, Recording } from './verdict';

/**
 * Serves the operator of a parked payment whose own saga is no more: it had ended before the payment
 * was parked, or somebody ended it. Started by the first request, and there until one of them brings
 * the payment to its end. Crash points: none of its own; it resumes from its history.
 */
export async function reviewPayment(input: ProcessPaymentInput): Promise<ProcessPaymentResult> {
  // The request that starts it is there before anything has been waited for.
  const desk = new OperatorDesk<ProcessPaymentResult>({ status: 'needs_review' }, { isOpen: true });
  const review = attended(input);
  return CancellationScope.nonCancellable(async () => {
    const result = await review.saga.park(desk, (request: OperatorRequest) =>
      unlessEnded(review, request),
    );
    if (!allHandlersFinished()) await condition(allHandlersFinished);
    return result;
  });
}

function attended({ paymentId, budgets, flags }: ProcessPaymentInput): Attended {
  const steps = stepsWith(budgets, flags);
  const saga = new Saga<FundsReport>();
  saga.register({
    name: 'releaseFunds',
    run: () => steps.backOnRequest.releaseFunds({ paymentId, mode: 'undo' }),
  });
  const progress = new PaymentProgress(() => saga.pending());
  progress.enter('parked', 'an operator decides');
  progress.show('needs_review');
  const tryRecord = (recording: Recording) => record(steps, paymentId, recording);
  return { paymentId, steps, saga, tryRecord };
}

/** Asks first: money of a payment that has meanwhile ended is not to be touched. */
async function unlessEnded(review: Attended, request: OperatorRequest) {
  const { steps, paymentId } = review;
  const payment = await steps.recordRegularly.readReview({ paymentId });
  const { status } = payment;
  if (status !== 'needs_review') return { ended: true, answer: { status } };
  return attend(review, lostOf(payment), request);
}

const cancellations: readonly string[] = [failureCodes.canceledOnRequest, failureCodes.holdVoided];

/** What the payment is once nothing of it is left at the provider. */
function lostOf({ failure, parkedFrom }: ReviewReport): Lost {
  const why = failure ?? interrupted;
  const isCanceled = parkedFrom === 'canceled' || cancellations.includes(why.code);
  return {
    kind: 'lost',
    status: isCanceled ? 'canceled' : 'failed',
    failure: withoutPendingUndo(why),
  };
}

/** False when the database refuses the change for good; an absent database is waited out. */
async function record(steps: Steps, paymentId: string, recording: Recording): Promise<boolean> {
  try {
    await steps.recordRegularly.recordOutcome({ paymentId, ...recording });
    return true;
  } catch (error) {
    const { status } = recording;
    log.error('the outcome was refused', { status, fault: faultTypeOf(error) });
    return false;
  }
}
