import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from './folders';
import { logTail, type ManagedProcess } from './processes';

export interface KeepOptions {
  /** Starts the same process once more. @throws when the stack is stopping */
  readonly again: () => ManagedProcess;
  readonly say: (line: string) => void;
  readonly firstPauseMs?: number;
}

const FIRST_PAUSE_MS = 250;
/** Beyond this a process does not come up, and starting it again only hides why. */
const MOST_ENDS = 5;
const WITHIN_MS = 60_000;

/**
 * Starts a process again each time it ends without having been stopped, after a pause that doubles,
 * as whatever runs it in production would.
 * @returns what to tell once it has ended five times within a minute; never for a stopped process
 */
export async function keepRunning(first: ManagedProcess, options: KeepOptions): Promise<string> {
  const { again, say, firstPauseMs = FIRST_PAUSE_MS } = options;
  const ends: number[] = [];
  let current = first;
  for (;;) {
    const how = await endOf(current);
    if (current.wasStopped()) return never();
    ends.push(performance.now());
    while (performance.now() - (ends[0] ?? 0) > WITHIN_MS) ends.shift();
    if (ends.length >= MOST_ENDS) {
      return `${current.name} ended ${ends.length} times within a minute, the last time ${how}:\n${logTail(current.logFile)}`;
    }
    const pauseMs = firstPauseMs * 2 ** (ends.length - 1);
    const log = path.relative(ROOT, current.logFile);
    say(`${current.name} ended ${how}; started again in ${pauseMs / 1000} s (its log: ${log})`);
    await delay(pauseMs);
    try {
      current = again();
    } catch (error) {
      // The stack is stopping, and then nobody reads this; or the machine has no room for a process.
      return error instanceof Error ? error.message : String(error);
    }
  }
}

async function endOf(ended: ManagedProcess): Promise<string> {
  const { code, signal } = await ended.exited;
  return signal === null ? `with exit code ${code}` : `by ${signal}`;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
