import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type {
  ProviderCallName,
  ProviderCallResult,
  ProviderMetrics,
} from '../../../application/ports/metrics';
import type { PaymentProvider } from '../../../application/ports/payment-provider';
import { ProviderError } from '../../../application/ports/payment-provider';

// The provider answers in tenths of seconds; a call is given up after 10 s by default.
const callSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45];

/** Times the calls of the provider. */
export function createProviderMetrics(registry: Registry): ProviderMetrics {
  const calls = new Histogram({
    name: 'paysaga_provider_call_duration_seconds',
    help: 'One call of the payment provider, by operation and result',
    labelNames: ['operation', 'result'],
    buckets: callSeconds,
    registers: [registry],
  });
  return {
    called: ({ operation, result, durationMs }) =>
      calls.observe({ operation, result }, durationMs / 1_000),
  };
}

/** The same provider, each of its calls measured; answers and errors pass unchanged. */
export function measuredProvider(
  provider: PaymentProvider,
  metrics: ProviderMetrics,
): PaymentProvider {
  const timed = async <T>(operation: ProviderCallName, call: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const end = (result: ProviderCallResult) =>
      metrics.called({ operation, result, durationMs: performance.now() - startedAt });
    try {
      const answer = await call();
      end(resultOf(answer));
      return answer;
    } catch (error) {
      end(error instanceof ProviderError ? error.kind : 'other');
      throw error;
    }
  };
  return {
    createIntent: (write) => timed('create_intent', () => provider.createIntent(write)),
    confirmIntent: (write) => timed('confirm_intent', () => provider.confirmIntent(write)),
    captureIntent: (write) => timed('capture_intent', () => provider.captureIntent(write)),
    cancelIntent: (write) => timed('cancel_intent', () => provider.cancelIntent(write)),
    retrieveIntent: (id) => timed('retrieve_intent', () => provider.retrieveIntent(id)),
    createRefund: (write) => timed('create_refund', () => provider.createRefund(write)),
    retrieveRefund: (id) => timed('retrieve_refund', () => provider.retrieveRefund(id)),
    listRefunds: (id) => timed('list_refunds', () => provider.listRefunds(id)),
    listDisputes: (id) => timed('list_disputes', () => provider.listDisputes(id)),
    listEvents: (query) => timed('list_events', () => provider.listEvents(query)),
  };
}

function resultOf(answer: unknown): ProviderCallResult {
  const isDecline =
    typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'declined';
  return isDecline ? 'declined' : 'ok';
}
