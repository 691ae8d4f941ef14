import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import { receipts } from '../application/receive-event';
import type { Receipt } from '../application/receive-event';
import type { Observed } from './middleware/observation';

export interface Metrics {
  readonly contentType: string;
  readonly registry: Registry;
  observe(observed: Observed): void;
  webhook(result: Receipt | 'refused'): void;
  text(): Promise<string>;
}

// From an accepted payment (a few milliseconds) to the longest wait for an outcome (20 s).
const bucketSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];

/** The process's metrics, in a registry of its own so that two apps in one process do not clash. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: bucketSeconds,
    registers: [registry],
  });
  const webhooks = webhookCounter(registry);
  return {
    registry,
    contentType: registry.contentType,
    observe: ({ method, route, status, seconds }) =>
      durations.observe({ method, route, status }, seconds),
    webhook: (result) => webhooks.inc({ result }),
    text: () => registry.metrics(),
  };
}

function webhookCounter(registry: Registry) {
  const webhooks = new Counter({
    name: 'paysaga_webhooks_total',
    help: 'Webhooks that came in, by what was done with them at once',
    labelNames: ['result'],
    registers: [registry],
  });
  // From 0, so that the first one that is refused is seen to be an increase.
  for (const result of [...receipts, 'refused']) webhooks.inc({ result }, 0);
  return webhooks;
}
