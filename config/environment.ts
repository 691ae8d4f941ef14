import { readFileSync } from 'node:fs';
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
 * Reads the named variables. An empty variable counts as not set, as compose files leave them. Each
 * variable NAME may instead come as NAME_FILE, the path of a file with the value, as container
 * platforms hand out secrets.
 * @throws ConfigError with every problem at once
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  const sources = Object.keys(shape).map((name) => readVariable(name, environment));
  const broken = sources.filter((source) => source.problem !== undefined);
  const present = Object.fromEntries(
    sources.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
  const result = z.object(shape).safeParse(present);
  if (result.success && broken.length === 0) return result.data;
  const unread = new Set(broken.map((source) => source.name));
  const issues = (result.error?.issues ?? []).filter((issue) => !unread.has(issue.path.join('.')));
  throw new ConfigError([
    ...broken.map((source) => source.problem ?? ''),
    ...issues.map((issue) => problemLine(issue, present)),
  ]);
}

interface Source {
  readonly name: string;
  readonly value?: string;
  readonly problem?: string;
}

function readVariable(name: string, environment: Environment): Source {
  const direct = environment[name] ?? '';
  const path = environment[`${name}_FILE`] ?? '';
  if (path === '') return direct === '' ? { name } : { name, value: direct };
  if (direct !== '') {
    return { name, problem: `${name}: is set, and so is ${name}_FILE; only one of them may be` };
  }
  return readFrom(name, path);
}

function readFrom(name: string, path: string): Source {
  try {
    // Editors and `echo` end a file with a newline that is no part of the secret.
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? { name, problem: `${name}_FILE: ${path} is empty` } : { name, value };
  } catch (error) {
    return { name, problem: `${name}_FILE: ${path} cannot be read (${errorCode(error)})` };
  }
}

/** The system's code alone: whatever else an error carries could be of the file's content. */
function errorCode(error: unknown): string {
  // Not by instanceof: node's own errors come from another realm under a test runner.
  const code: unknown = Reflect.get(Object(error), 'code');
  return typeof code === 'string' ? code : 'unknown error';
}

function problemLine(issue: z.core.$ZodIssue, present: Record<string, unknown>): string {
  const name = issue.path.join('.');
  return name in present
    ? `${name}: ${issue.message} (see .env.example)`
    : `${name}: is required and not set (see .env.example)`;
}
