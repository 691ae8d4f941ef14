import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from '../../dev/stack/folders';
import { isolatedEnvironment } from '../../dev/testing/environment';

export interface CommandResult {
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
  readonly lines: readonly string[];
}

const limitMs = 30_000;

/** Runs a compiled program to its end; it inherits no address and no setting. */
export async function runCommand(
  entry: string,
  options: { readonly env: Readonly<Record<string, string>>; readonly args?: readonly string[] },
): Promise<CommandResult> {
  const child = spawn(process.execPath, [compiled(entry), ...(options.args ?? [])], {
    env: isolatedEnvironment(process.env, options.env),
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, lines: output.split('\n').filter((line) => line !== '') };
}
