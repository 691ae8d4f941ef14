import { z } from 'zod';

/** The numbers of jest's JSON report that matter here. */
export const jestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  /** Files that failed before any of their tests ran. */
  numRuntimeErrorTestSuites: z.number(),
});

export type JestReport = z.infer<typeof jestReport>;

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * @param report undefined when jest wrote none
 * @param exitCode jest's own, null when a signal ended it
 * @returns at least one failure whenever the run as a whole did not succeed: a crash, a file that
 *   did not load and a failed set-up have no failing test to count
 */
export function countTests(report: JestReport | undefined, exitCode: number | null): Counts {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const failed = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  const succeeded = report !== undefined && exitCode === 0;
  return { passed, failed: succeeded ? failed : Math.max(failed, 1), skipped };
}

export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
