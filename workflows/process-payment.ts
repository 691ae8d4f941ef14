import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  log,
} from '@temporalio/workflow';
import { faultTypes } from '../contracts/saga';
import type { FundsReport, ProcessPaymentInput, ProcessPaymentResult } from '../contracts/saga';
import type { PaymentStatus } from '../domain/payment-states';
import { charge } from './charge';
import { failureOf, faultTypeOf, interrupted, recordingFailed } from './failures';
import { OperatorDesk } from './operator-desk';
import { parkPayment } from './parked-payment';
import { PaymentProgress } from './payment-progress';
import { Saga } from './saga';
import { stepsWith } from './steps';
import type { Steps } from './steps';
import { isNothingLeft, lostRecord, successRecord, verdictOf } from './verdict';
import type { Captured, Lost, Recording, Verdict } from './verdict';

/**
 * Takes a payment to its end: charge, record, done. What cannot be recorded is given back; what
 * cannot be given back waits for an operator. Crash points are listed at each activity; the
 * workflow itself resumes from its history.
 */
export async function processPayment(input: ProcessPaymentInput): Promise<ProcessPaymentResult> {
  const payment = new PaymentSaga(input);
  const verdict = await payment.authorize();
  // From here on money may have moved: no cancellation may keep its outcome from being kept.
  return CancellationScope.nonCancellable(async () => {
    const status = await payment.conclude(verdict);
    // Nearly always true at once, and waiting for what is true costs promises in every payment.
    if (!allHandlersFinished()) await condition(allHandlersFinished);
    return { status };
  });
}

class PaymentSaga {
  private readonly steps: Steps;
  private readonly saga = new Saga<FundsReport>();
  private readonly progress = new PaymentProgress(() => this.saga.pending());
  private readonly desk = new OperatorDesk();

  constructor(private readonly input: ProcessPaymentInput) {
    this.steps = stepsWith(input.budgets, input.flags);
  }

  async authorize(): Promise<Verdict> {
    const { paymentId } = this.input;
    this.saga.register({ name: 'releaseFunds', run: () => this.releaseFunds() });
    this.progress.enter('authorizing', 'charging the card');
    try {
      return verdictOf(await charge(this.steps, paymentId));
    } catch (error) {
      // There is no row to bring to an end; the run fails, and may be started again.
      if (faultTypeOf(error) === faultTypes.paymentNotFound) throw error;
      return isCancellation(error)
        ? { kind: 'lost', status: 'canceled', failure: interrupted }
        : { kind: 'lost', status: 'failed', failure: failureOf(error) };
    }
  }

  async conclude(verdict: Verdict): Promise<PaymentStatus> {
    if (verdict.kind === 'settled') return this.end(verdict.status);
    if (verdict.kind === 'lost') return this.giveUp(verdict, null);
    this.progress.enter('recording', 'charged, writing it down');
    if (await this.tryRecord(successRecord(verdict))) return this.end('succeeded');
    return this.giveUp({ kind: 'lost', status: 'failed', failure: recordingFailed }, verdict);
  }

  /** Nothing may be left at the provider before the payment is called failed. */
  private async giveUp(lost: Lost, captured: Captured | null): Promise<PaymentStatus> {
    this.progress.enter('undoing', `${lost.failure.code}: releasing what is held or captured`);
    const funds = await this.bringBack();
    const isClear = funds !== null && isNothingLeft(funds);
    if (isClear && (await this.tryRecord(lostRecord(lost, funds)))) return this.end(lost.status);
    return this.end(await this.park(lost, funds ?? captured));
  }

  /** Where the money is afterwards; null when that could not be found out or finished. */
  private async bringBack(): Promise<FundsReport | null> {
    if (!this.input.flags.compensation) return this.resolveFunds();
    const result = await this.saga.compensate();
    if (result.kind === 'undone') return result.reports[0] ?? null;
    log.error('an undo could not finish', { failures: result.failures.map(String) });
    return null;
  }

  private async resolveFunds(): Promise<FundsReport | null> {
    const { paymentId } = this.input;
    try {
      return await this.steps.back.releaseFunds({ paymentId, mode: 'resolve' });
    } catch (error) {
      log.error('the provider could not be asked where the money is', { failure: String(error) });
      return null;
    }
  }

  private releaseFunds(): Promise<FundsReport> {
    const { paymentId } = this.input;
    const steps = this.progress.step === 'parked' ? this.steps.backOnRequest : this.steps.back;
    return steps.releaseFunds({ paymentId, mode: 'undo' });
  }

  private park(lost: Lost, known: Partial<FundsReport> | null): Promise<PaymentStatus> {
    const { steps, saga, desk, progress } = this;
    const tryRecord = (recording: Recording) => this.tryRecord(recording);
    const { paymentId } = this.input;
    return parkPayment({ paymentId, steps, saga, desk, progress, tryRecord }, lost, known);
  }

  /** False when the database refuses the change for good; an absent database is waited out. */
  private async tryRecord(recording: Recording): Promise<boolean> {
    const steps = this.progress.step === 'parked' ? this.steps.recordRegularly : this.steps.record;
    try {
      await steps.recordOutcome({ paymentId: this.input.paymentId, ...recording });
      return true;
    } catch (error) {
      const { status } = recording;
      log.error('the outcome was refused', { status, fault: faultTypeOf(error) });
      return false;
    }
  }

  private end(status: PaymentStatus): PaymentStatus {
    this.saga.forget();
    this.progress.enter('ended', status);
    this.progress.show(status);
    return status;
  }
}
