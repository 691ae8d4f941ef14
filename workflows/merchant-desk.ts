import {
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { ProcessPaymentResult, RequestInput } from '../contracts/saga';
import { signals, updates } from '../contracts/workflow-names';
import type { PaymentStatus } from '../domain/payment-states';

const capture = defineUpdate<ProcessPaymentResult, [RequestInput]>(updates.capture);
const cancel = defineUpdate<ProcessPaymentResult, [RequestInput]>(updates.cancel);
const providerNews = defineSignal(signals.providerNews);

/** A capture or cancel in the words of its stored row. */
export interface MerchantRequest extends RequestInput {
  readonly kind: 'capture' | 'cancel';
}

/** Why a payment that waits goes on. */
export type Wake =
  | { readonly kind: 'request'; readonly request: MerchantRequest }
  /** The provider may have something new to say. */
  | { readonly kind: 'news' }
  | { readonly kind: 'time' };

/**
 * Where everything meets that can move a waiting payment: what the merchant asks, what the provider
 * announces, and time. Whoever is first wins; what came meanwhile is found by the next wait.
 */
export class MerchantDesk {
  private request: MerchantRequest | null = null;
  private hasNews = false;
  private ended: PaymentStatus | null = null;
  private answers = new Map<string, ProcessPaymentResult>();

  constructor() {
    setHandler(capture, (input) => this.submit({ ...input, kind: 'capture' }), {
      validator: (input) => {
        this.assertFree(input);
        assertAmount(input.amountMinor);
      },
      description: 'Captures what is held, or a part of it; the rest is released.',
    });
    setHandler(cancel, (input) => this.submit({ ...input, kind: 'cancel' }), {
      validator: (input) => this.assertFree(input),
      description: 'Calls the payment off: releases what is held, refunds what was captured.',
    });
    setHandler(providerNews, () => {
      this.hasNews = true;
    });
  }

  /** The request that is not answered yet; the payment may be busy with something else. */
  get waiting(): MerchantRequest | null {
    return this.request;
  }

  /** @param limitMs how long at most; null waits without an end */
  async next(limitMs: number | null): Promise<Wake> {
    const isDue = () => this.request !== null || this.hasNews;
    if (limitMs === null) await condition(isDue);
    else await condition(isDue, Math.max(1, limitMs));
    if (this.request !== null) return { kind: 'request', request: this.request };
    if (!this.hasNews) return { kind: 'time' };
    this.hasNews = false;
    return { kind: 'news' };
  }

  /** Answers the request in hand, if there is one. */
  reply(status: PaymentStatus): void {
    if (this.request !== null) this.answers.set(this.request.requestId, { status });
    this.request = null;
  }

  /** From here on nothing is taken any more. */
  close(status: PaymentStatus): void {
    this.reply(status);
    this.ended = status;
  }

  private async submit(request: MerchantRequest): Promise<ProcessPaymentResult> {
    this.request = request;
    const answered = () => this.answers.has(request.requestId);
    await CancellationScope.nonCancellable(() => condition(answered));
    return this.answers.get(request.requestId) ?? { status: 'needs_review' };
  }

  private assertFree(input: RequestInput): void {
    if (typeof input?.requestId !== 'string' || input.requestId === '') {
      throw new Error('requestId must name a stored request');
    }
    if (this.ended !== null) throw new Error(`the payment has ended: ${this.ended}`);
    if (this.request !== null) throw new Error('another request is in hand');
  }
}

function assertAmount(amountMinor: unknown): void {
  if (!Number.isSafeInteger(amountMinor) || Number(amountMinor) <= 0) {
    throw new Error('amountMinor must be a whole number of minor units above 0');
  }
}
