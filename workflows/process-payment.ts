import { defineSearchAttributeKey } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { failureCodes, faultTypes } from '../contracts/saga';
import type {
  AuthorizeResult,
  FundsReport,
  PaymentFailure,
  ProcessPaymentInput,
  ProcessPaymentResult,
  RecordInput,
  SagaStep,
  SagaView,
} from '../contracts/saga';
import { queries, searchAttributes } from '../contracts/workflow-names';
import type { PaymentStatus } from '../domain/payment-states';
import { authenticationRequired, failureOf, faultTypeOf } from './failures';
import { interrupted, recordingFailed } from './failures';
import { OperatorDesk } from './operator-desk';
import type { OperatorRequest } from './operator-desk';
import { Saga } from './saga';
import { stepsWith } from './steps';
import type { Steps } from './steps';

const getPayment = defineQuery<SagaView>(queries.getPayment);
const paymentStatus = defineSearchAttributeKey(searchAttributes.paymentStatus, 'KEYWORD');

type Captured = Extract<AuthorizeResult, { kind: 'captured' }>;
type Verdict =
  | Captured
  | { kind: 'settled'; status: PaymentStatus }
  | { kind: 'lost'; status: 'failed' | 'canceled'; failure: PaymentFailure };
type Lost = Extract<Verdict, { kind: 'lost' }>;

/**
 * Takes a payment to its end: charge, record, done. What cannot be recorded is given back; what
 * cannot be given back waits for an operator. Crash points are listed at each activity; the
 * workflow itself resumes from its history.
 */
export async function processPayment(input: ProcessPaymentInput): Promise<ProcessPaymentResult> {
  return new PaymentSaga(input).run();
}

class PaymentSaga {
  private readonly steps: Steps;
  private readonly saga = new Saga<FundsReport>();
  private readonly desk = new OperatorDesk();
  private status: PaymentStatus = 'processing';
  private step: SagaStep = 'authorizing';

  constructor(private readonly input: ProcessPaymentInput) {
    this.steps = stepsWith(input.budgets, input.flags);
    setHandler(getPayment, () => ({
      status: this.status,
      step: this.step,
      pendingUndo: this.saga.pending(),
    }));
  }

  async run(): Promise<ProcessPaymentResult> {
    this.saga.register({ name: 'releaseFunds', run: () => this.releaseFunds() });
    const verdict = await this.authorize();
    // From here on the money may have moved: no cancellation may keep its outcome from being kept.
    await CancellationScope.nonCancellable(() => this.conclude(verdict));
    await condition(allHandlersFinished);
    return { status: this.status };
  }

  private async authorize(): Promise<Verdict> {
    this.enter('authorizing', 'charging the card');
    try {
      return verdictOf(
        await this.steps.forward.authorizePayment({ paymentId: this.input.paymentId }),
      );
    } catch (error) {
      // There is no row to bring to an end; the run fails, and may be started again.
      if (faultTypeOf(error) === faultTypes.paymentNotFound) throw error;
      return isCancellation(error)
        ? { kind: 'lost', status: 'canceled', failure: interrupted }
        : { kind: 'lost', status: 'failed', failure: failureOf(error) };
    }
  }

  private async conclude(verdict: Verdict): Promise<void> {
    switch (verdict.kind) {
      case 'settled':
        return this.end(verdict.status);
      case 'lost':
        return this.giveUp(verdict, null);
      case 'captured': {
        const isRecorded = await this.recordSuccess(verdict);
        if (isRecorded) return this.end('succeeded');
        return this.giveUp({ kind: 'lost', status: 'failed', failure: recordingFailed }, verdict);
      }
    }
  }

  private recordSuccess({ capturedMinor, chargeId }: Captured): Promise<boolean> {
    this.enter('recording', 'charged, writing it down');
    return this.tryRecord({
      status: 'succeeded',
      capturedMinor,
      ...(chargeId === null ? {} : { chargeId }),
      failure: null,
    });
  }

  /** Nothing may be left at the provider before the payment is called failed. */
  private async giveUp(lost: Lost, captured: Captured | null): Promise<void> {
    this.enter('undoing', `${lost.failure.code}: releasing what is held or captured`);
    const funds = await this.bringBack();
    const isClear = funds !== null && isNothingLeft(funds);
    if (isClear && (await this.tryRecord({ ...lostRecord(lost), ...figures(funds) }))) {
      return this.end(lost.status);
    }
    return this.park(lost, funds ?? captured);
  }

  /** Where the money is after the undo; null when that could not be found out or finished. */
  private async bringBack(): Promise<FundsReport | null> {
    if (!this.input.flags.compensation) return this.resolveFunds();
    const result = await this.saga.compensate();
    if (result.kind === 'unfinished') {
      log.error('an undo could not finish', { failures: result.failures.map(String) });
      return null;
    }
    return result.reports[0] ?? null;
  }

  private async resolveFunds(): Promise<FundsReport | null> {
    try {
      const { paymentId } = this.input;
      return await this.steps.back.releaseFunds({ paymentId, mode: 'resolve' });
    } catch (error) {
      log.error('the provider could not be asked where the money is', { failure: String(error) });
      return null;
    }
  }

  private releaseFunds(): Promise<FundsReport> {
    const { paymentId } = this.input;
    const steps = this.step === 'parked' ? this.steps.backOnRequest : this.steps.back;
    return steps.releaseFunds({ paymentId, mode: 'undo' });
  }

  /** Stays open until an operator's request brings the payment to an end. */
  private async park(lost: Lost, known: Partial<FundsReport> | null): Promise<void> {
    if (this.saga.pending().length === 0) {
      this.saga.register({ name: 'releaseFunds', run: () => this.releaseFunds() });
    }
    this.enter('parked', `${lost.failure.code}: an operator decides`);
    await this.steps.recordRegularly.recordOutcome({
      paymentId: this.input.paymentId,
      status: 'needs_review',
      ...figures(known ?? {}),
      failure: {
        ...lost.failure,
        message: `${lost.failure.message} Undo pending: ${this.saga.pending().join(', ')}.`,
      },
    });
    this.show('needs_review');
    for (;;) {
      const ended = await this.serve(await this.desk.next(), lost);
      this.desk.reply({ status: ended ?? 'needs_review' });
      if (ended !== null) return this.end(ended);
    }
  }

  private async serve(request: OperatorRequest, lost: Lost): Promise<PaymentStatus | null> {
    const record =
      request.kind === 'retry' ? await this.retryUndo(lost) : await this.readResolution(request);
    if (record === null) return null;
    const isRecorded = await this.tryRecord(record);
    return isRecorded ? record.status : null;
  }

  private async retryUndo(lost: Lost): Promise<Recording | null> {
    const result = await this.saga.compensate();
    if (result.kind === 'unfinished') return null;
    // Until the outcome is recorded the undo stays repeatable.
    this.saga.register({ name: 'releaseFunds', run: () => this.releaseFunds() });
    const [funds] = result.reports;
    return funds === undefined || !isNothingLeft(funds)
      ? null
      : { ...lostRecord(lost), ...figures(funds) };
  }

  /** The operator says it is settled; the provider is read for the figures that are recorded. */
  private async readResolution(
    request: Extract<OperatorRequest, { kind: 'resolve' }>,
  ): Promise<Recording | null> {
    const { paymentId } = this.input;
    try {
      const funds = await this.steps.backOnRequest.releaseFunds({ paymentId, mode: 'inspect' });
      if (funds.heldMinor > 0) return null;
      return isNothingLeft(funds)
        ? { status: 'failed', ...figures(funds), failure: resolved(request) }
        : { status: 'succeeded', ...figures(funds), failure: null };
    } catch (error) {
      log.error('the provider could not be read', { failure: String(error) });
      return null;
    }
  }

  /** False when the database refuses the change for good; an absent database is waited out. */
  private async tryRecord(recording: Recording): Promise<boolean> {
    const steps = this.step === 'parked' ? this.steps.recordRegularly : this.steps.record;
    try {
      await steps.recordOutcome({ paymentId: this.input.paymentId, ...recording });
      return true;
    } catch (error) {
      log.error('the outcome was refused', {
        status: recording.status,
        fault: faultTypeOf(error),
      });
      return false;
    }
  }

  private end(status: PaymentStatus): void {
    this.saga.forget();
    this.enter('ended', status);
    this.show(status);
  }

  private enter(step: SagaStep, details: string): void {
    this.step = step;
    setCurrentDetails(details);
  }

  private show(status: PaymentStatus): void {
    this.status = status;
    upsertSearchAttributes([{ key: paymentStatus, value: status }]);
  }
}

type Recording = Omit<RecordInput, 'paymentId'>;

function verdictOf(result: AuthorizeResult): Verdict {
  switch (result.kind) {
    case 'captured':
    case 'settled':
      return result;
    case 'declined':
      return { kind: 'lost', status: 'failed', failure: result.failure };
    case 'requires_action':
      return { kind: 'lost', status: 'failed', failure: authenticationRequired };
    case 'undo_started':
      return { kind: 'lost', status: 'failed', failure: interrupted };
  }
}

function isNothingLeft({ heldMinor, capturedMinor, refundedMinor }: FundsReport): boolean {
  return heldMinor === 0 && capturedMinor === refundedMinor;
}

function lostRecord({ status, failure }: Lost): Recording {
  return { status, failure };
}

function figures({ capturedMinor, refundedMinor }: Partial<FundsReport>) {
  return {
    ...(capturedMinor === undefined ? {} : { capturedMinor }),
    ...(refundedMinor === undefined ? {} : { refundedMinor }),
  };
}

function resolved({ reason, providerRef }: { reason: string; providerRef: string }) {
  return {
    code: failureCodes.resolvedManually,
    declineCode: null,
    message: `Settled by an operator: ${reason} (${providerRef})`,
  };
}
