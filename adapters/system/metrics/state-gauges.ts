import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

export interface StateReading<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

export interface StateGauges<Label extends string> {
  /** Metric names with their help; `read` answers for each of them. */
  readonly gauges: Readonly<Record<string, string>>;
  readonly labelNames: readonly Label[];
  /** Asked once for each scrape. */
  readonly read: () => Promise<Readonly<Record<string, readonly StateReading<Label>[]>>>;
}

/**
 * Gauges of a state that lives elsewhere: in the database, the broker, Temporal. Without an answer
 * they vanish from the scrape. A last known value would look like good news during an outage; what
 * is absent is what the alert rules ask for.
 */
export function addStateGauges<Label extends string>(
  registry: Registry,
  { gauges, labelNames, read }: StateGauges<Label>,
): void {
  let reading: ReturnType<typeof read> | undefined;
  // The gauges of one scrape are collected together and share one answer.
  const readOnce = () =>
    (reading ??= read().finally(() => {
      reading = undefined;
    }));
  for (const [name, help] of Object.entries(gauges)) {
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      async collect() {
        const readings = await readOnce().catch(() => null);
        this.reset();
        // A gauge without labels is reset to 0, which would be an answer.
        if (labelNames.length === 0) this.remove();
        for (const { labels, value } of readings?.[name] ?? []) this.set(labels, value);
      },
    });
    registry.registerMetric(gauge);
  }
}
