import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const stackState = z.object({
  ports: z.record(z.string(), z.number()),
  env: z.record(z.string(), z.string()),
  /** Secrets of the user that the stack runs with and shows to nobody. */
  withheld: z.array(z.string()).optional(),
});

/** What a stack lets other commands know about itself. It holds keys, so only its owner reads it. */
export type StackState = Readonly<z.infer<typeof stackState>>;

const FILE = 'state.json';

export function readState(folder: string): StackState | undefined {
  try {
    return stackState.parse(JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeState(folder: string, state: StackState): void {
  const file = path.join(folder, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** @returns `export NAME='value'` lines that any POSIX shell evaluates to exactly these values */
export function exportLines(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}
