import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';

export interface ShellAnswer {
  /** What was written to both streams, without npm's banner. */
  readonly output: string;
  readonly code: number;
}

/** One bash in which commands follow each other as in a terminal: variables stay. */
export class ShellSession {
  private readonly bash: ChildProcessWithoutNullStreams;
  private received = '';
  private wake: () => void = () => undefined;

  constructor(options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string }) {
    this.bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: options.cwd,
      env: { ...options.env },
      // Its own group, so that a command which hangs can be ended with all it started.
      detached: true,
    });
    for (const stream of [this.bash.stdout, this.bash.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.receive(text));
    }
    // A session that has been ended meanwhile tells so by the missing answer.
    this.bash.stdin.on('error', () => undefined);
    this.bash.once('exit', () => this.wake());
  }

  /** @throws when the command has not ended in time, which also ends the session */
  async run(command: string, timeoutMs: number): Promise<ShellAnswer> {
    const mark = `end-${randomUUID()}`;
    const from = this.received.length;
    this.bash.stdin.write(`{ ${command}\n} 2>&1 </dev/null\nprintf '\\n%s %s\\n' ${mark} "$?"\n`);
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = new RegExp(`\n${mark} (\\d+)\n`).exec(this.received.slice(from));
      if (found !== null) {
        const output = this.received.slice(from, from + found.index);
        return { output: withoutBanner(output), code: Number(found[1]) };
      }
      if (Date.now() > deadline || this.bash.exitCode !== null) {
        await this.close();
        throw new Error(`no end of "${command}": ${this.received.slice(from)}`);
      }
      await this.more(deadline - Date.now());
    }
  }

  /** Ends the shell and whatever still runs in it. */
  async close(): Promise<void> {
    const { pid } = this.bash;
    if (pid === undefined || this.bash.exitCode !== null || this.bash.signalCode !== null) return;
    const ended = new Promise((resolve) => this.bash.once('exit', resolve));
    process.kill(-pid, 'SIGKILL');
    await ended;
  }

  private receive(text: string): void {
    this.received += text;
    this.wake();
  }

  private more(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, withinMs));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Without what `npm run` says of itself: its script's name, and warnings about the user's npmrc. */
function withoutBanner(output: string): string {
  const lines = output.split('\n').filter((line) => !/^(> (paysaga@|node )|npm warn )/.test(line));
  return lines.join('\n').trim();
}
