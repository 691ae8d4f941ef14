import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Observed } from './middleware/observation';

export interface Metrics {
  readonly contentType: string;
  observe(observed: Observed): void;
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
  return {
    contentType: registry.contentType,
    observe: ({ method, route, status, seconds }) =>
      durations.observe({ method, route, status }, seconds),
    text: () => registry.metrics(),
  };
}
