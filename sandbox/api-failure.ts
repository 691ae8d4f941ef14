import type Stripe from 'stripe';

export type FailureType =
  'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';

export interface FailureDetails {
  status: number;
  type: FailureType;
  message: string;
  code?: string;
  declineCode?: string;
  param?: string;
  charge?: string;
  /** In part only where a publishable key asked. */
  paymentIntent?: Partial<Stripe.PaymentIntent>;
  paymentMethod?: Stripe.PaymentMethod;
  /** True when execution had begun, so that Stripe would store the answer under the key. */
  stored?: boolean;
  /** `Stripe-Should-Retry`, where Stripe sends one. */
  shouldRetry?: boolean;
  /** `Stripe-Rate-Limited-Reason`. */
  limitedBy?: string;
}

/** An error answer in Stripe's shape. Unless `stored`, it leaves no trace under the key. */
export class ApiFailure extends Error {
  readonly details: FailureDetails;

  constructor(details: FailureDetails) {
    super(details.message);
    this.name = 'ApiFailure';
    this.details = details;
  }
}

export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

/** Stripe's error envelope, `{error: {...}}`, as the official libraries parse it. */
export function toEnvelope(details: FailureDetails, requestId: string): object {
  return {
    error: {
      ...(details.charge === undefined ? {} : { charge: details.charge }),
      ...(details.code === undefined ? {} : { code: details.code, doc_url: docUrl(details.code) }),
      ...(details.declineCode === undefined ? {} : { decline_code: details.declineCode }),
      message: details.message,
      ...(details.param === undefined ? {} : { param: details.param }),
      ...(details.paymentIntent === undefined ? {} : { payment_intent: details.paymentIntent }),
      ...(details.paymentMethod === undefined ? {} : { payment_method: details.paymentMethod }),
      request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
      type: details.type,
    },
  };
}

/** A refusal of the request's own form; nothing was executed. */
export function invalidRequest(details: {
  message: string;
  code?: string;
  param?: string;
  status?: number;
}): ApiFailure {
  return new ApiFailure({ status: 400, type: 'invalid_request_error', ...details });
}

export function resourceMissing(kind: string, id: string): ApiFailure {
  return invalidRequest({
    status: 404,
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param: kind === 'payment_intent' ? 'intent' : 'id',
  });
}
