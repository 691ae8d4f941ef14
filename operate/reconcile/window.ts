import { parseArgs } from 'node:util';

/** The command line was not understood; the message says what would be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(problem: string) {
    super(`${problem}\n\nnpm run reconcile -- [--from 2026-01-30] [--to 2026-01-31T12:00:00Z]`);
  }
}

export interface Window {
  readonly from: Date;
  readonly to: Date;
}

const day = 86_400_000;
const longestDays = 31;

/** The time to compare: the last day where nothing else is said. @throws UsageError */
export function readWindow(args: readonly string[], now: Date): Window {
  const given = parse(args);
  const to = given.to === undefined ? now : readTime('to', given.to);
  const from =
    given.from === undefined ? new Date(to.getTime() - day) : readTime('from', given.from);
  const days = (to.getTime() - from.getTime()) / day;
  if (days > 0 && days <= longestDays) return { from, to };
  throw new UsageError(`--to must be later than --from, by at most ${longestDays} days`);
}

function parse(args: readonly string[]) {
  const options = { from: { type: 'string' }, to: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function readTime(option: 'from' | 'to', text: string): Date {
  const time = new Date(text);
  // A time without its offset would be this machine's, a date alone is UTC's.
  if (form.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(`--${option} must be a date (UTC) or an RFC 3339 time with its offset`);
}
