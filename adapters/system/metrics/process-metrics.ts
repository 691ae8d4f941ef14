import { collectDefaultMetrics, Registry } from 'prom-client';

/** Prometheus text of another exporter in the same process, or null while it gives no answer. */
export type ExtraMetrics = () => Promise<string | null>;

export interface ProcessMetrics {
  readonly registry: Registry;
  /** Everything the process measures, as Prometheus text. Never rejects for an absent extra. */
  text(): Promise<string>;
}

/**
 * A registry of its own with Node's default metrics: memory, garbage collection, and the delay of
 * the event loop, which tells a busy process from a waiting one.
 */
export function createProcessMetrics(extra: ExtraMetrics = async () => null): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    async text() {
      const [own, others] = await Promise.all([registry.metrics(), extra()]);
      return others === null ? own : `${own.trimEnd()}\n${others}`;
    },
  };
}
