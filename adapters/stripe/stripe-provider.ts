import StripeSdk from 'stripe';
import type {
  IntentSnapshot,
  PaymentProvider,
  RefundSnapshot,
} from '../../application/ports/payment-provider';
import { oneAttemptClient } from './one-attempt-client';
import { listsOf } from './stripe-lists';
import { toIntentSnapshot, toRefundSnapshot, type AnswerOrigin } from './snapshots';
import { toDecline, toProviderError, unknownOutcome } from './stripe-failure';
import {
  cancelIntentParams,
  captureIntentParams,
  confirmIntentParams,
  createIntentParams,
  createRefundParams,
  retrieveIntentParams,
} from './stripe-params';

/** The API version whose shapes the pinned library types describe; raised together with it. */
export const STRIPE_API_VERSION = '2026-10-28.endive';

/** stripe-node's own default; a caller with a longer wait has forgotten to choose one. */
const LONGEST_TIMEOUT_MS = 80_000;

export interface StripeProviderOptions {
  /** A secret or restricted key; never logged. */
  apiKey: string;
  /** Another server that speaks Stripe's API, `http://host:port`; Stripe itself when left out. */
  apiUrl?: string;
  /** For one whole call, connecting and reading included; below 80,000. */
  timeoutMs: number;
}

/** The library as this project uses it: one attempt per call, nothing sent but the calls. */
export function connectStripe(options: StripeProviderOptions): StripeSdk {
  const url = options.apiUrl === undefined ? null : new URL(options.apiUrl);
  const protocol = url?.protocol === 'http:' ? 'http' : 'https';
  return new StripeSdk(options.apiKey, {
    apiVersion: STRIPE_API_VERSION,
    appInfo: { name: 'paysaga' },
    httpClient: oneAttemptClient(protocol),
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: options.timeoutMs,
    ...(url === null
      ? {}
      : { host: url.hostname, port: url.port || defaultPort(protocol), protocol }),
  });
}

function defaultPort(protocol: 'http' | 'https'): string {
  return protocol === 'http' ? '80' : '443';
}

function originOf(answer: StripeSdk.Response<object>): AnswerOrigin {
  return {
    replayed: answer.lastResponse.headers['idempotent-replayed'] === 'true',
    requestId: answer.lastResponse.requestId,
  };
}

/**
 * The library's timeout counts silence on the connection, so an answer that trickles in could
 * outlast any of them; this one ends the call.
 */
export async function within<T>(timeoutMs: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unknownOutcome('timeout')), timeoutMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The payment provider on Stripe's API, or on the sandbox through `apiUrl`. One attempt per
 * call; every key comes from the caller.
 * @throws RangeError for a timeout outside 1..79,999 ms
 */
export function createStripeProvider(options: StripeProviderOptions): PaymentProvider {
  const { timeoutMs } = options;
  if (!(timeoutMs > 0 && timeoutMs < LONGEST_TIMEOUT_MS)) {
    throw new RangeError(`timeoutMs must be above 0 and below ${LONGEST_TIMEOUT_MS}`);
  }
  const stripe = connectStripe(options);
  const intents = stripe.paymentIntents;

  async function ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await within(timeoutMs, call());
    } catch (error) {
      throw toProviderError(error);
    }
  }

  const askIntent = (call: () => Promise<StripeSdk.Response<StripeSdk.PaymentIntent>>) =>
    ask(async (): Promise<IntentSnapshot> => {
      const intent = await call();
      return toIntentSnapshot(intent, originOf(intent));
    });

  const askRefund = (call: () => Promise<StripeSdk.Response<StripeSdk.Refund>>) =>
    ask(async (): Promise<RefundSnapshot> => {
      const refund = await call();
      return toRefundSnapshot(refund, originOf(refund));
    });

  return {
    createIntent: ({ idempotencyKey, params }) =>
      askIntent(async () => intents.create(createIntentParams(params), { idempotencyKey })),

    confirmIntent: ({ idempotencyKey, intentId, params }) =>
      ask(async () => {
        try {
          const sent = confirmIntentParams(params);
          const intent = await intents.confirm(intentId, sent, { idempotencyKey });
          return { kind: 'accepted', intent: toIntentSnapshot(intent, originOf(intent)) };
        } catch (error) {
          const declined = toDecline(error);
          if (declined === null) throw error;
          return declined;
        }
      }),

    captureIntent: ({ idempotencyKey, intentId, params }) =>
      askIntent(async () =>
        intents.capture(intentId, captureIntentParams(params), { idempotencyKey }),
      ),

    cancelIntent: ({ idempotencyKey, intentId, params }) =>
      askIntent(async () =>
        intents.cancel(intentId, cancelIntentParams(params), { idempotencyKey }),
      ),

    retrieveIntent: (intentId) =>
      askIntent(() => intents.retrieve(intentId, retrieveIntentParams())),

    createRefund: ({ idempotencyKey, params }) =>
      askRefund(async () => stripe.refunds.create(createRefundParams(params), { idempotencyKey })),

    retrieveRefund: (refundId) => askRefund(() => stripe.refunds.retrieve(refundId)),

    ...listsOf(stripe, ask),
  };
}
