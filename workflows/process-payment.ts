import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  log,
} from '@temporalio/workflow';
import { defaultSagaWaits, faultTypes } from '../contracts/saga';
import type { FundsReport, ProcessPaymentInput, ProcessPaymentResult } from '../contracts/saga';
import type { PaymentStatus } from '../domain/payment-states';
import { charge } from './charge';
import { failureOf, faultTypeOf, interrupted, recordingFailed } from './failures';
import { MerchantDesk } from './merchant-desk';
import { OperatorDesk } from './operator-desk';
import { parkPayment } from './parked-payment';
import { PaymentProgress } from './payment-progress';
import { Saga } from './saga';
import { stepsWith } from './steps';
import type { Steps } from './steps';
import { canceledOnRequest, isNothingLeft, lostRecord, successRecord, verdictOf } from './verdict';
import type { Authorized, Captured, Lost, Recording, RequiresAction, Verdict } from './verdict';
import { awaitCustomer, keepHold } from './waiting-payment';
import type { Waiting } from './waiting-payment';

/**
 * Takes a payment to its end: charge, wait for whom it has to wait, record, done. What cannot be
 * recorded is given back; what cannot be given back waits for an operator. Crash points are listed at each activity; the
 * workflow itself resumes from its history.
 */
export async function processPayment(input: ProcessPaymentInput): Promise<ProcessPaymentResult> {
  const payment = new PaymentSaga(input);
  const verdict = await payment.settle(await payment.authorize());
  // From here on money may have moved: no cancellation may keep its outcome from being kept.
  return CancellationScope.nonCancellable(async () => {
    const status = await payment.conclude(verdict);
    // Nearly always true at once, and waiting for what is true costs promises in every payment.
    if (!allHandlersFinished()) await condition(allHandlersFinished);
    return { status };
  });
}

/** What is left once nobody has to be waited for. */
type Settled = Exclude<Verdict, Authorized | RequiresAction>;

class PaymentSaga {
  private readonly steps: Steps;
  private readonly saga = new Saga<FundsReport>();
  private readonly progress = new PaymentProgress(() => this.saga.pending());
  private readonly desk = new OperatorDesk<ProcessPaymentResult>({ status: 'needs_review' });
  private readonly merchant = new MerchantDesk();

  constructor(private readonly input: ProcessPaymentInput) {
    this.steps = stepsWith(input.budgets, input.flags);
  }

  async authorize(): Promise<Verdict> {
    const { paymentId } = this.input;
    this.progress.enter('authorizing', 'charging the card');
    return this.saga.run<Verdict>({
      undo: { name: 'releaseFunds', run: () => this.releaseFunds() },
      act: async () =>
        verdictOf(
          await charge(this.steps, (forward) =>
            forward.authorizePayment({ paymentId, mayWait: true }),
          ),
        ),
      resolve: async (error) => {
        // There is no row to bring to an end; the run fails, and may be started again.
        if (faultTypeOf(error) === faultTypes.paymentNotFound) throw error;
        return isCancellation(error)
          ? { kind: 'lost', status: 'canceled', failure: interrupted }
          : { kind: 'lost', status: 'failed', failure: failureOf(error) };
      },
    });
  }

  /** Waits for the customer and for the merchant, for as long as the payment needs one of them. */
  async settle(first: Verdict): Promise<Settled> {
    let verdict = first;
    try {
      while (verdict.kind === 'requires_action' || verdict.kind === 'authorized') {
        verdict =
          verdict.kind === 'authorized'
            ? await keepHold(this.waiting(), verdict)
            : await awaitCustomer(this.waiting(), verdict);
      }
      return this.heed(verdict);
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return { kind: 'lost', status: 'canceled', failure: interrupted };
    }
  }

  async conclude(verdict: Settled): Promise<PaymentStatus> {
    if (verdict.kind === 'settled') return this.end(verdict.status);
    if (verdict.kind === 'lost') return this.giveUp(verdict, null);
    this.progress.enter('recording', 'charged, writing it down');
    if (await this.tryRecord(successRecord(verdict))) return this.end('succeeded');
    return this.giveUp({ kind: 'lost', status: 'failed', failure: recordingFailed }, verdict);
  }

  /** A cancel that came while the card was being charged is kept: what was taken is given back. */
  private heed(verdict: Settled): Settled {
    const { waiting } = this.merchant;
    const isWish = waiting?.kind === 'cancel' && verdict.kind === 'captured';
    return isWish && this.input.flags.compensation ? canceledOnRequest(waiting.requestId) : verdict;
  }

  private waiting(): Waiting {
    const { steps, progress, merchant: desk } = this;
    const { paymentId, budgets } = this.input;
    const tryRecord = (recording: Recording) => this.tryRecord(recording);
    return {
      paymentId,
      waits: budgets.waits ?? defaultSagaWaits,
      steps,
      desk,
      progress,
      tryRecord,
    };
  }

  /** Nothing may be left at the provider before the payment is called failed. */
  private async giveUp(lost: Lost, captured: Captured | null): Promise<PaymentStatus> {
    this.progress.enter('undoing', `${lost.failure.code}: releasing what is held or captured`);
    const funds = await this.bringBack(lost.isWish === true);
    const isClear = funds !== null && isNothingLeft(funds);
    if (isClear && (await this.tryRecord(lostRecord(lost, funds)))) return this.end(lost.status);
    return this.end(await this.park(lost, funds ?? captured));
  }

  /** Where the money is afterwards; null when that could not be found out or finished. */
  private async bringBack(isWish: boolean): Promise<FundsReport | null> {
    if (!this.input.flags.compensation && !isWish) return this.resolveFunds();
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
      const { requestId, status } = recording;
      if (requestId !== undefined && requestId === this.merchant.waiting?.requestId) {
        this.merchant.reply(status);
      }
      return true;
    } catch (error) {
      const { status } = recording;
      log.error('the outcome was refused', { status, fault: faultTypeOf(error) });
      return false;
    }
  }

  private async end(status: PaymentStatus): Promise<PaymentStatus> {
    this.saga.forget();
    await this.refuseWhatWaits(status);
    this.progress.enter('ended', status);
    this.progress.show(status);
    return status;
  }

  /** Recording the end has closed the requests there were; this is for one that came in between. */
  private async refuseWhatWaits(status: PaymentStatus): Promise<void> {
    const { waiting } = this.merchant;
    this.merchant.close(status);
    if (waiting === null) return;
    const { paymentId } = this.input;
    const refusal = `the payment has become ${status}`;
    const { requestId } = waiting;
    await this.steps.recordRegularly.refuseRequest({ paymentId, requestId, refusal });
  }
}
