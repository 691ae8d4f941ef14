/** One thing to look at; `run` answers with what it found in order. */
export interface Check {
  readonly name: string;
  /** The check without which this one cannot be made. */
  readonly needs?: string;
  /** What to do when it fails in a way that the check did not foresee. */
  readonly advice: string;
  /** @throws Fault for what it knows, NotApplicable where there is nothing to look at */
  readonly run: () => Promise<string>;
}

/** Something is wrong, and the check knows what to do about it. */
export class Fault extends Error {
  override readonly name = 'Fault';

  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

/** There is nothing to look at here: a setting that only another process needs. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'problem' | 'skipped';
  readonly text: string;
  /** What to do about a problem. */
  readonly advice: string | null;
}

/**
 * Makes every check, side by side, each within `limitMs`; one that needs another waits for it.
 * @returns the findings in the order of the checks
 */
export function diagnose(
  checks: readonly Check[],
  { limitMs }: { readonly limitMs: number },
): Promise<readonly Finding[]> {
  const findings = new Map<string, Promise<Finding>>();
  for (const check of checks) {
    const needed = check.needs === undefined ? undefined : findings.get(check.needs);
    findings.set(check.name, findingOf(check, { needed, limitMs }));
  }
  return Promise.all(findings.values());
}

async function findingOf(
  check: Check,
  given: { readonly needed: Promise<Finding> | undefined; readonly limitMs: number },
): Promise<Finding> {
  const needed = await given.needed;
  const { name } = check;
  if (needed !== undefined && needed.state !== 'ok') {
    return { name, state: 'skipped', text: `not looked at without ${needed.name}`, advice: null };
  }
  try {
    const text = await withinLimit(given.limitMs, check.run());
    return { name, state: 'ok', text, advice: null };
  } catch (error) {
    if (error instanceof NotApplicable) {
      return { name, state: 'skipped', text: error.message, advice: null };
    }
    const advice = error instanceof Fault ? error.advice : check.advice;
    return { name, state: 'problem', text: textOf(error), advice };
  }
}

/** @throws when the work has not ended within `limitMs`; it is not stopped, only waited for no more */
export async function withinLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Errors of several attempts, as Node's connect throws for two addresses, have no text of their own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0]);
  const message: unknown = Reflect.get(Object(error), 'message');
  return typeof message === 'string' && message !== '' ? message : String(error);
}
