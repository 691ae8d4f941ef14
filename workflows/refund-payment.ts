import { defineSearchAttributeKey } from '@temporalio/common';
import {
  CancellationScope,
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type {
  RefundInput,
  RefundPaymentInput,
  RefundStanding,
  RefundStep,
  RefundView,
} from '../contracts/refund';
import { defaultSagaWaits, faultTypes } from '../contracts/saga';
import { queries, searchAttributes, signals } from '../contracts/workflow-names';
import { faultTypeOf } from './failures';
import { OperatorDesk } from './operator-desk';
import type { OperatorRequest } from './operator-desk';
import { refundStepsWith } from './refund-steps';
import type { RefundSteps } from './refund-steps';
import { Saga } from './saga';

const getRefund = defineQuery<RefundView>(queries.getRefund);
const providerNews = defineSignal(signals.providerNews);
const paymentStatus = defineSearchAttributeKey(searchAttributes.paymentStatus, 'KEYWORD');

const firstLookMs = 30_000;
/** A refund may take weeks: looked at once a day it costs some ten history events each time. */
const longestPauseMs = 86_400_000;

/**
 * Takes a refund to its end: send it, find out what became of it, wait for as long as the provider
 * takes. It has no undo, and so nothing cancels it: what cannot be found out waits for an operator.
 */
export function refundPayment(input: RefundPaymentInput): Promise<RefundStanding> {
  const refund = new RefundSaga(input);
  return CancellationScope.nonCancellable(() => refund.settle());
}

class RefundSaga {
  private readonly steps: RefundSteps;
  private readonly saga = new Saga<never>();
  private readonly desk = new OperatorDesk<RefundStanding>(pending);
  private readonly refund: RefundInput;
  private step: RefundStep = 'sending';
  private standing: RefundStanding = pending;
  private hasNews = false;

  constructor(private readonly input: RefundPaymentInput) {
    const { paymentId, refundId } = input;
    this.refund = { paymentId, refundId };
    this.steps = refundStepsWith(input.budgets, input.flags);
    setHandler(getRefund, () => ({ status: this.standing.status, step: this.step }));
    setHandler(providerNews, () => {
      this.hasNews = true;
    });
  }

  async settle(): Promise<RefundStanding> {
    this.standing = await this.send();
    while (this.standing.status === 'pending') this.standing = await this.wait();
    // With the outbox the event was stored with the change and needs nobody.
    if (!this.input.flags.outboxPattern) await this.steps.noting.announceRefund(this.refund);
    this.enter('ended', this.standing.status);
    await condition(allHandlersFinished);
    return this.standing;
  }

  private async send(): Promise<RefundStanding> {
    this.enter('sending', 'asking the provider for the refund');
    try {
      return await this.saga.run({
        act: () => this.steps.forward.sendRefund(this.refund),
        resolve: () => this.resolve(),
      });
    } catch (error) {
      // There is no row to bring to an end; the run fails, and may be started again.
      if (faultTypeOf(error) === faultTypes.refundNotFound) throw error;
      return this.park(error);
    }
  }

  /** A refund has no fence: only its own key, sent again, tells whether it was made. */
  private resolve(): Promise<RefundStanding> {
    this.enter('resolving', 'the provider gave no answer: finding out what became of it');
    return this.steps.resolve.sendRefund(this.refund);
  }

  /** News end the pause; without any the provider is asked now and then, less and less often. */
  private async wait(): Promise<RefundStanding> {
    this.enter('waiting', 'the provider has the refund under way');
    const { pollMs } = this.input.budgets.waits ?? defaultSagaWaits;
    let pauseMs = Math.min(firstLookMs, pollMs);
    for (;;) {
      const isNews = await condition(() => this.hasNews, pauseMs);
      this.hasNews = false;
      if (!isNews) pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      const standing = await this.look();
      if (standing.status !== 'pending') return standing;
    }
  }

  private async look(): Promise<RefundStanding> {
    try {
      return await this.steps.reading.readRefund(this.refund);
    } catch (error) {
      log.warn('the provider could not be asked', { failure: String(error) });
      return pending;
    }
  }

  /** The refund stays pending, and keeps its part of what can be refunded, until somebody knows. */
  private async park(error: unknown): Promise<RefundStanding> {
    log.error('what became of the refund could not be found out', { failure: String(error) });
    upsertSearchAttributes([{ key: paymentStatus, value: 'needs_review' }]);
    await this.steps.noting.noteRefundParked(this.refund);
    this.enter('parked', 'nobody knows whether the refund was made: an operator decides');
    const desk = {
      next: () => this.desk.next(() => this.hasNews),
      reply: (standing: RefundStanding) => this.desk.reply(standing),
    };
    const standing = await this.saga.park(desk, (request) => this.attempt(request));
    upsertSearchAttributes([{ key: paymentStatus, value: null }]);
    return standing;
  }

  private async attempt(
    request: OperatorRequest,
  ): Promise<{ readonly ended: boolean; readonly answer: RefundStanding }> {
    this.hasNews = false;
    const { onRequest } = this.steps;
    try {
      const answer =
        request.kind === 'retry'
          ? await onRequest.sendRefund(this.refund)
          : await onRequest.settleRefund({
              ...this.refund,
              reason: request.reason,
              providerRef: request.providerRef,
            });
      return { ended: true, answer };
    } catch (error) {
      log.warn('the refund is as unknown as before', { failure: String(error) });
      return { ended: false, answer: pending };
    }
  }

  private enter(step: RefundStep, details: string): void {
    this.step = step;
    setCurrentDetails(details);
  }
}

const pending: RefundStanding = { status: 'pending' };
