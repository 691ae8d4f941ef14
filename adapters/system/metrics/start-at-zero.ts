import type { Counter } from 'prom-client';

/**
 * Gives every time series of a counter its 0 before anything is counted. A series that comes into
 * being with its first event has no sample from before it, so `increase()` and `rate()` miss that
 * event: the first compensation of a process would raise no alert.
 * @param series one set of labels for each; only for labels whose values are known beforehand
 */
export function startAtZero<Label extends string>(
  counter: Counter<Label>,
  series: readonly Partial<Readonly<Record<Label, string>>>[],
): void {
  for (const labels of series) counter.inc(labels, 0);
}
