import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import { providerEventResults } from '../../../application/ports/metrics';
import type { ProviderEventMetrics } from '../../../application/ports/metrics';
import { startAtZero } from './start-at-zero';

/** Counts what became of the provider's events. */
export function createProviderEventMetrics(registry: Registry): ProviderEventMetrics {
  const registers = [registry];
  const applied = new Counter({
    name: 'paysaga_provider_events_total',
    help: 'Stored events of the provider that came to an end, and those whose payment is missing',
    labelNames: ['result'],
    registers,
  });
  startAtZero(
    applied,
    providerEventResults.map((result) => ({ result })),
  );
  const caughtUp = new Counter({
    name: 'paysaga_provider_events_caught_up_total',
    help: 'Events that no webhook had brought, found in the list of the provider',
    registers,
  });
  return {
    applied: (result, count = 1) => applied.inc({ result }, count),
    caughtUp: (count) => caughtUp.inc(count),
  };
}
