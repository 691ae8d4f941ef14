import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment does not fit; `problems` has one line for each variable, none with its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
}

/**
 * Reads the named variables. An empty variable counts as not set, as compose files leave them.
 * @throws ConfigError with every problem at once
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = z.object(shape).safeParse(present);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => problemLine(issue, present)));
}

function problemLine(issue: z.core.$ZodIssue, present: Record<string, unknown>): string {
  const name = issue.path.join('.');
  return name in present
    ? `${name}: ${issue.message} (see .env.example)`
    : `${name}: is required and not set (see .env.example)`;
}
