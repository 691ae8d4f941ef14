import { formatMoney } from '../../domain/money';

/** One line of a payment's timeline; `atMs` counts from its acceptance. */
export interface TimelineLine {
  readonly atMs: number;
  readonly what: string;
}

/** What the provider holds of one payment, in integer minor units of `currency`. */
export interface ProviderFigures {
  readonly charges: number;
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
}

/** What one scenario was expected to bring about, and what it did. */
export interface ScenarioResult {
  readonly title: string;
  readonly expected: string;
  readonly seen: string;
  readonly tookMs: number;
}

/** A span as a person reads it: `38 ms`, `1.4 s`. */
export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** The provider's side of a payment in one phrase, such as `1 charge, 12.50 EUR captured`. */
export function describeFigures(figures: ProviderFigures): string {
  const { charges, heldMinor, capturedMinor, refundedMinor, currency } = figures;
  const sums = [
    ['held', heldMinor],
    ['captured', capturedMinor],
    ['refunded', refundedMinor],
  ] as const;
  const said = sums
    .filter(([, amountMinor]) => amountMinor > 0)
    .map(([what, amountMinor]) => `${formatMoney({ amountMinor, currency })} ${what}`);
  return [charges === 1 ? '1 charge' : `${charges} charges`, ...said].join(', ');
}

/** The lines of a timeline, the times in one column. */
export function renderTimeline(lines: readonly TimelineLine[]): string[] {
  const times = lines.map((line) => `+${formatDuration(line.atMs)}`);
  const width = Math.max(0, ...times.map((time) => time.length));
  return lines.map((line, index) => `    ${(times[index] ?? '').padStart(width)}  ${line.what}`);
}

/** Whether each scenario ended as expected. */
export function allAsExpected(results: readonly ScenarioResult[]): boolean {
  return results.length > 0 && results.every((result) => result.seen === result.expected);
}

/** The table at the end: one row a scenario; what was not expected is shown beside what was. */
export function renderTable(results: readonly ScenarioResult[]): string[] {
  const rows = results.map((result, index) => {
    const ok = result.seen === result.expected;
    return [
      ok ? 'ok' : 'NOT OK',
      `${index + 1}. ${result.title}`,
      ok ? result.seen : `${result.seen}, expected ${result.expected}`,
      formatDuration(result.tookMs),
    ];
  });
  const table = [['', 'scenario', 'outcome', 'took'], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
