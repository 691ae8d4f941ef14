import { log } from '@temporalio/workflow';
import type { FundsReport, ProcessPaymentResult, ResolveManuallyInput } from '../contracts/saga';
import type { PaymentStatus } from '../domain/payment-states';
import type { OperatorDesk, OperatorRequest } from './operator-desk';
import type { PaymentProgress } from './payment-progress';
import type { Saga } from './saga';
import type { Steps } from './steps';
import { isNothingLeft, lostRecord, parkedRecord, resolvedRecord } from './verdict';
import type { Lost, Recording } from './verdict';

/** What an operator's request needs. */
export interface Attended {
  readonly paymentId: string;
  readonly steps: Steps;
  readonly saga: Saga<FundsReport>;
  readonly tryRecord: (recording: Recording) => Promise<boolean>;
}

export interface Parking extends Attended {
  readonly desk: OperatorDesk;
  readonly progress: PaymentProgress;
}

/**
 * Parks a payment whose money could not be brought back, and stays with it until an operator's
 * request brings it to an end: never by itself, and never without the provider's own figures.
 * @returns the status in which it ended
 */
export async function parkPayment(
  parking: Parking,
  lost: Lost,
  known: Partial<FundsReport> | null,
): Promise<PaymentStatus> {
  const { paymentId, steps, saga, desk, progress } = parking;
  progress.enter('parked', `${lost.failure.code}: an operator decides`);
  const record = parkedRecord(lost, { pendingUndo: saga.pending(), known });
  await steps.recordRegularly.recordOutcome({ paymentId, ...record });
  progress.show('needs_review');
  const ended = await saga.park(desk, (request: OperatorRequest) => attend(parking, lost, request));
  return ended.status;
}

/** What an operator's request leads to; the payment stays parked unless it ends. */
export async function attend(
  parking: Attended,
  lost: Lost,
  request: OperatorRequest,
): Promise<{ readonly ended: boolean; readonly answer: ProcessPaymentResult }> {
  const recording =
    request.kind === 'retry' ? await undoAgain(parking, lost) : await inspect(parking, request);
  const ended = recording !== null && (await parking.tryRecord(recording));
  return { ended, answer: { status: ended ? recording.status : 'needs_review' } };
}

async function undoAgain({ saga }: Attended, lost: Lost): Promise<Recording | null> {
  const result = await saga.compensate();
  if (result.kind === 'unfinished') {
    log.warn('the undo failed again', { failures: result.failures.map(String) });
    return null;
  }
  const [funds] = result.reports;
  return funds !== undefined && isNothingLeft(funds) ? lostRecord(lost, funds) : null;
}

async function inspect(
  { paymentId, steps }: Attended,
  request: ResolveManuallyInput,
): Promise<Recording | null> {
  try {
    const funds = await steps.backOnRequest.releaseFunds({ paymentId, mode: 'inspect' });
    // A hold is nobody's settlement: it runs out, or is captured, after the books are closed.
    return funds.heldMinor > 0 ? null : resolvedRecord(funds, request);
  } catch (error) {
    log.warn('the provider shows no settled figures', { failure: String(error) });
    return null;
  }
}
