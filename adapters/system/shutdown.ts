import type { Log } from '../../application/ports/log';

/** Aborts at the first SIGTERM or SIGINT. A second one is no hurry: Ctrl-C through npm gives two. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => controller.abort());
  return controller.signal;
}

/** Resolves once `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export interface ShutdownLimitOptions {
  readonly stop: AbortSignal;
  /** Counted from the moment `stop` aborts. */
  readonly limitMs: number;
  readonly log: Log;
  /** Ends the process; replaced in tests. */
  readonly exit?: (code: number) => void;
}

export interface ShutdownLimit {
  /** Waits for `work`; if the time runs out meanwhile, `name` is what the log blames. */
  waitFor<T>(name: string, work: Promise<T>): Promise<T>;
}

/**
 * Ends the process with code 1 when it cannot close within its time. Whatever hangs then, a server
 * that never says goodbye for example, is safe to leave: the next process takes over as after a
 * crash. Waiting for SIGKILL instead would leave no word of what hung.
 */
export function limitShutdown(options: ShutdownLimitOptions): ShutdownLimit {
  const { stop, limitMs, log, exit = (code) => process.exit(code) } = options;
  const awaited: string[] = [];
  const giveUp = () => {
    const hung = awaited.length > 0 ? awaited : process.getActiveResourcesInfo();
    log.error({ hung: [...hung], limitMs }, 'could not close in time; exiting');
    exit(1);
  };
  stop.addEventListener('abort', () => setTimeout(giveUp, limitMs), { once: true });
  return {
    async waitFor(name, work) {
      awaited.push(name);
      try {
        return await work;
      } finally {
        awaited.splice(awaited.indexOf(name), 1);
      }
    },
  };
}
