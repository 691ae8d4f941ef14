import { compiled } from './folders';
import { type ManagedProcess, type ProcessTable, untilHealthy } from './processes';

export interface ServiceOptions {
  readonly name: string;
  /** Compiled entry point, such as `api/main.js`. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 once the process is ready. */
  readonly readyUrl: string;
  readonly deadlineMs?: number;
}

/** One of paysaga's own processes. */
export type Service = ManagedProcess;

const READY_DEADLINE_MS = 30_000;
const DRAIN_DEADLINE_MS = 20_000;
const REQUEST_TIMEOUT_MS = 2000;

export function spawnService(processes: ProcessTable, options: ServiceOptions): Service {
  return processes.spawn({
    name: options.name,
    command: process.execPath,
    args: ['--enable-source-maps', compiled(options.entry)],
    env: options.env,
    stopDeadlineMs: DRAIN_DEADLINE_MS,
  });
}

/** @throws when the process ends or is not ready by its deadline, with the end of its log */
export async function untilReady(service: Service, options: ServiceOptions): Promise<void> {
  await untilHealthy(service, {
    check: () => checkReady(options.readyUrl),
    deadlineMs: options.deadlineMs ?? READY_DEADLINE_MS,
  });
}

async function checkReady(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
}
