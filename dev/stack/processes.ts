import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, startTimeOf } from '../ensure/process-identity.cjs';
import {
  endProcess,
  type ProcessRecord,
  removeRecord,
  type StackRecord,
  writeRecord,
} from '../ensure/stacks.cjs';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited unless it is put in here. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Into its log below the stack's folder unless the person at the terminal is to see it. */
  readonly output?: 'log' | 'terminal';
  readonly stopSignal?: NodeJS.Signals;
  /** How long the process may take to end by itself before it is killed. */
  readonly stopDeadlineMs?: number;
}

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the process has ended, however it did. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  isRunning(): boolean;
  /** Whether stop() or kill() was called, so that its end surprises nobody. */
  wasStopped(): boolean;
  /** Sends the stop signal, KILL after the deadline, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** SIGKILL to the process and all it started in its group. */
  kill(): Promise<void>;
}

const STOP_DEADLINE_MS = 15_000;

/**
 * Starts processes of one stack and keeps `processes.json` in its folder in step, so that a later
 * launcher finds them should this one be killed.
 */
export class ProcessTable {
  private readonly records: ProcessRecord[] = [];
  private readonly launcher = identify(process.pid);
  private readonly running = new Set<ManagedProcess>();
  private readonly ending = new WeakSet<ManagedProcess>();
  private closed = false;
  readonly logs: string;

  constructor(
    private readonly folder: string,
    private readonly ephemeral: boolean,
  ) {
    this.logs = path.join(folder, 'logs');
    // One earlier run is worth keeping, to read up on a crash; more would only grow.
    if (existsSync(this.logs)) {
      rmSync(`${this.logs}.previous`, { recursive: true, force: true });
      renameSync(this.logs, `${this.logs}.previous`);
    }
    mkdirSync(this.logs, { recursive: true, mode: 0o700 });
    this.save();
  }

  /**
   * Each child leads a process group of its own, so a Ctrl-C in the terminal reaches only the
   * launcher, which then stops the parts in their order.
   */
  spawn(spec: ProcessSpec): ManagedProcess {
    if (this.closed) throw new Error(`${spec.name} was not started: the stack is stopping`);
    const logFile = path.join(this.logs, `${spec.name}.log`);
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(spec.command, [...spec.args], {
      detached: true,
      stdio: spec.output === 'terminal' ? ['ignore', 'inherit', 'inherit'] : ['ignore', log, log],
      env: { ...spec.env },
      cwd: spec.cwd,
    });
    closeSync(log);
    const exited = exitOf(child);
    if (child.pid === undefined) throw new Error(`${spec.command} could not be started`);
    return this.track(spec, { child, pid: child.pid, exited, logFile });
  }

  /** From here on nothing new is started. */
  close(): void {
    this.closed = true;
  }

  /** Resolves with the first process, but for some, that ends without having been stopped. */
  firstExit(except: ReadonlySet<ManagedProcess> = new Set()): Promise<ManagedProcess> {
    return new Promise((resolve) => {
      for (const each of this.running) {
        if (except.has(each)) continue;
        const report = async (): Promise<void> => {
          await each.exited;
          if (!each.wasStopped()) resolve(each);
        };
        void report();
      }
    });
  }

  /** Stops whatever still runs, newest first, and forgets this launcher. */
  async stopRest(): Promise<void> {
    for (const left of [...this.running].toReversed()) await left.stop();
    removeRecord(this.folder);
  }

  private track(spec: ProcessSpec, started: StartedChild): ManagedProcess {
    const { child, pid, exited, logFile } = started;
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    const record: ProcessRecord = {
      name: spec.name,
      pid,
      // A program that ended at once is already nobody's; its end is reported by `exited`.
      startTime: startTimeOf(pid) ?? 'ended',
      stopSignal: spec.stopSignal ?? 'SIGTERM',
      stopDeadlineMs: spec.stopDeadlineMs ?? STOP_DEADLINE_MS,
    };
    this.records.push(record);
    this.save();
    const end = async (how: () => Promise<void>): Promise<void> => {
      this.ending.add(managed);
      if (isRunning()) await how();
      await exited;
      this.running.delete(managed);
      this.forget(record);
    };
    const managed: ManagedProcess = {
      name: spec.name,
      pid,
      logFile,
      exited,
      isRunning,
      wasStopped: () => this.ending.has(managed),
      stop: (signal = record.stopSignal) =>
        end(() => endProcess({ ...record, stopSignal: signal })),
      kill: () => end(async () => void process.kill(-pid, 'SIGKILL')),
    };
    this.running.add(managed);
    return managed;
  }

  private forget(record: ProcessRecord): void {
    const index = this.records.indexOf(record);
    if (index < 0) return;
    this.records.splice(index, 1);
    this.save();
  }

  private save(): void {
    const record: StackRecord = {
      launcher: this.launcher,
      ephemeral: this.ephemeral,
      processes: this.records,
    };
    writeRecord(this.folder, record);
  }
}

interface StartedChild {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: ManagedProcess['exited'];
  readonly logFile: string;
}

function exitOf(child: ChildProcess): ManagedProcess['exited'] {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** @returns the end of a log, for a message about why its process did not come up */
export function logTail(logFile: string, lines = 15): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * Polls a health check until it passes. A check that throws has not passed yet.
 * @throws when the process ends first or the deadline passes, with the end of its log
 */
export async function untilHealthy(
  subject: ManagedProcess,
  { check, deadlineMs }: { check: () => Promise<unknown>; deadlineMs: number },
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < deadline) {
    if (!subject.isRunning()) {
      throw new Error(`${subject.name} ended while starting:\n${logTail(subject.logFile)}`);
    }
    try {
      await check();
      return;
    } catch (error) {
      last = error;
    }
    await delay(25);
  }
  throw new Error(
    `${subject.name} did not become ready within ${deadlineMs / 1000} s (${String(last)}):\n` +
      logTail(subject.logFile),
  );
}
