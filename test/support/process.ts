import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CHILDREN } from '../../dev/ensure/stacks.cjs';
import { compiled } from '../../dev/stack/folders';
import { choosePorts } from '../../dev/stack/ports';
import { ProcessTable, untilHealthy } from '../../dev/stack/processes';
import { isolatedEnvironment } from '../../dev/testing/environment';
import { fromStack, uniqueName } from './stack-environment';

export interface TestProcessOptions {
  /** Compiled entry point below dist/, such as `api/main.js`. */
  readonly entry: string;
  /** The variable that tells the process its port, such as `API_PORT`. */
  readonly portVariable: string;
  /** All its other settings: no address is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Defaults to `/readyz`. */
  readonly readyPath?: string;
  readonly deadlineMs?: number;
}

export interface TestProcess {
  readonly pid: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Everything it has written so far. */
  readonly log: () => string;
  /** SIGTERM, and waits for the end. @returns the exit code */
  readonly stop: () => Promise<number | null>;
  readonly kill: (signal: 'SIGKILL') => Promise<void>;
}

const READY_DEADLINE_MS = 30_000;
let table: ProcessTable | undefined;

/** Starts a real paysaga process from dist/ on a free port and waits until it is ready. */
export async function startProcess(options: TestProcessOptions): Promise<TestProcess> {
  const { port } = await choosePorts(['port']);
  const url = `http://127.0.0.1:${port}`;
  table ??= childTable();
  const child = table.spawn({
    name: uniqueName(path.basename(options.entry, '.js')),
    command: process.execPath,
    args: ['--enable-source-maps', compiled(options.entry)],
    env: isolatedEnvironment(process.env, { ...options.env, [options.portVariable]: String(port) }),
  });
  const check = async (): Promise<void> => {
    const response = await fetch(`${url}${options.readyPath ?? '/readyz'}`, {
      signal: AbortSignal.timeout(2000),
    });
    if (!response.ok) throw new Error(`answers ${response.status}`);
  };
  const deadlineMs = options.deadlineMs ?? READY_DEADLINE_MS;
  try {
    await untilHealthy(child, { check, deadlineMs });
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    pid: child.pid,
    url,
    exited: child.exited,
    log: () => readFileSync(child.logFile, 'utf8'),
    async stop() {
      await child.stop();
      return (await child.exited).code;
    },
    kill: () => child.kill(),
  };
}

/** The launcher finds this record and ends what a test, or a worker that crashed, left running. */
function childTable(): ProcessTable {
  const folder = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN, uniqueName('jest'));
  mkdirSync(folder, { recursive: true });
  return new ProcessTable(folder, true);
}
