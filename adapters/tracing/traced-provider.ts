import { ProviderError } from '../../application/ports/payment-provider';
import type { PaymentProvider } from '../../application/ports/payment-provider';
import type { OpenSpan, SpanAttributes, Tracing } from '../../application/ports/tracing';

/**
 * A provider whose every call is a client span: operation, class of the HTTP status and request id,
 * by which Stripe's own log finds the call. Never amounts, methods or texts.
 */
export function traceProvider(provider: PaymentProvider, tracing: Tracing | null): PaymentProvider {
  if (tracing === null) return provider;
  const call = <T>(operation: string, send: () => Promise<T>, answered: Answered<T>) =>
    callIn(tracing, { operation, send, answered });
  return {
    createIntent: (write) =>
      call('payment_intents.create', () => provider.createIntent(write), origin),
    confirmIntent: (write) =>
      call('payment_intents.confirm', () => provider.confirmIntent(write), confirmed),
    captureIntent: (write) =>
      call('payment_intents.capture', () => provider.captureIntent(write), origin),
    cancelIntent: (write) =>
      call('payment_intents.cancel', () => provider.cancelIntent(write), origin),
    retrieveIntent: (id) =>
      call('payment_intents.retrieve', () => provider.retrieveIntent(id), origin),
    createRefund: (write) => call('refunds.create', () => provider.createRefund(write), origin),
    retrieveRefund: (id) => call('refunds.retrieve', () => provider.retrieveRefund(id), origin),
    listRefunds: (id) => call('refunds.list', () => provider.listRefunds(id), succeeded),
    listDisputes: (id) => call('disputes.list', () => provider.listDisputes(id), succeeded),
    listEvents: (query) => call('events.list', () => provider.listEvents(query), succeeded),
  };
}

type Answered<T> = (answer: T) => SpanAttributes;

interface Call<T> {
  readonly operation: string;
  readonly send: () => Promise<T>;
  readonly answered: Answered<T>;
}

function callIn<T>(tracing: Tracing, { operation, send, answered }: Call<T>): Promise<T> {
  const attributes = { 'stripe.operation': operation };
  const plan = { name: `stripe ${operation}`, kind: 'client', attributes } as const;
  return tracing.inSpan(plan, async (span) => {
    try {
      const answer = await send();
      span.set(answered(answer));
      return answer;
    } catch (error) {
      if (error instanceof ProviderError) tellFailure(span, error);
      throw error;
    }
  });
}

function tellFailure(span: OpenSpan, error: ProviderError): void {
  span.fail(error.kind);
  if (error.requestId !== null) span.set({ 'stripe.request_id': error.requestId });
  if (error.httpStatus !== null)
    span.set({ [statusClass]: `${error.httpStatus}`.charAt(0) + 'xx' });
}

const statusClass = 'http.response.status_class';
const succeeded = (): SpanAttributes => ({ [statusClass]: '2xx' });

function origin(answer: { readonly requestId: string | null; readonly replayed: boolean }) {
  return {
    ...succeeded(),
    'stripe.idempotent_replayed': answer.replayed,
    ...(answer.requestId === null ? {} : { 'stripe.request_id': answer.requestId }),
  };
}

function confirmed(answer: Awaited<ReturnType<PaymentProvider['confirmIntent']>>): SpanAttributes {
  const declined = answer.kind === 'declined';
  return {
    ...origin(answer.intent),
    // Stripe says a decline as 402; it is an answer, and the span no failure.
    ...(declined ? { [statusClass]: '4xx', 'paysaga.declined': true } : {}),
  };
}
