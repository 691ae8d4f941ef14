import type { Log } from './ports/log';

export interface OutcomeWaiter {
  /**
   * True as soon as there is something to tell of the payment, request or refund; false after
   * `limitMs`, or when the process ends.
   */
  wait(request: { readonly subjectId: string; readonly limitMs: number }): Promise<boolean>;
  /** Ends every wait, so that a shutdown need not sit them out. */
  close(): void;
}

interface OutcomeWaiterDeps {
  readonly answered: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly pollMs: number;
  readonly log: Log;
}

interface Waiting {
  readonly subjectId: string;
  readonly finish: (decided: boolean) => void;
}

/**
 * One poller for all waiting requests: one query each `pollMs` for all of them, none while nobody
 * waits. A query for each request would grow with the load exactly when the database is slow.
 */
export function createOutcomeWaiter({ answered, pollMs, log }: OutcomeWaiterDeps): OutcomeWaiter {
  const waiting = new Set<Waiting>();
  let polling = false;
  let closed = false;

  const poll = async (): Promise<void> => {
    const ids = [...new Set([...waiting].map((waiter) => waiter.subjectId))];
    try {
      const found = await answered(ids);
      for (const waiter of waiting) {
        if (found.has(waiter.subjectId)) waiter.finish(true);
      }
    } catch (error) {
      // The wait has its own end, and the next poll asks again.
      log.warn({ error: String(error), waiting: ids.length }, 'could not look for outcomes');
    }
  };

  const pollWhileWaiting = async (): Promise<void> => {
    if (polling) return;
    polling = true;
    while (waiting.size > 0) {
      await poll();
      if (waiting.size > 0) await pause(pollMs);
    }
    polling = false;
  };

  return {
    wait: ({ subjectId, limitMs }) =>
      new Promise((resolve) => {
        if (closed || limitMs <= 0) return resolve(false);
        const waiter: Waiting = {
          subjectId,
          finish: (decided) => {
            clearTimeout(limit);
            waiting.delete(waiter);
            resolve(decided);
          },
        };
        const limit = setTimeout(() => waiter.finish(false), limitMs);
        waiting.add(waiter);
        void pollWhileWaiting();
      }),
    close: () => {
      closed = true;
      for (const waiter of waiting) waiter.finish(false);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
