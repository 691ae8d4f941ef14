import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { CommandMetrics } from '../../../application/ports/metrics';

// Starting a saga is one call of Temporal: milliseconds, up to its limit of 5 s.
const commandSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Times the handling of commands. */
export function createCommandMetrics(registry: Registry): CommandMetrics {
  const handled = new Histogram({
    name: 'paysaga_command_duration_seconds',
    help: 'Handling of one command, by what became of it',
    labelNames: ['result', 'redelivered'],
    buckets: commandSeconds,
    registers: [registry],
  });
  return {
    handled: ({ result, redelivered, durationMs }) =>
      handled.observe({ result, redelivered: String(redelivered) }, durationMs / 1_000),
  };
}
