import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What a stack lets other commands know about itself. It holds keys, so only its owner reads it. */
export interface StackState {
  readonly ports: Readonly<Record<string, number>>;
  readonly env: Readonly<Record<string, string>>;
}

const FILE = 'state.json';

export function readState(folder: string): StackState | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')) as StackState;
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
