import { isDecided } from '../domain/payment-states';
import type { PaymentStatus } from '../domain/payment-states';
import type { Log } from './ports/log';

export interface OutcomeWaiter {
  /** True as soon as the payment is decided; false after `limitMs`, or when the process ends. */
  wait(request: { readonly paymentId: string; readonly limitMs: number }): Promise<boolean>;
  /** Ends every wait, so that a shutdown need not sit them out. */
  close(): void;
}

interface OutcomeWaiterDeps {
  readonly statuses: (ids: readonly string[]) => Promise<ReadonlyMap<string, PaymentStatus>>;
  readonly pollMs: number;
  readonly log: Log;
}

interface Waiting {
  readonly paymentId: string;
  readonly finish: (decided: boolean) => void;
}

/**
 * One poller for all waiting requests: one query each `pollMs` for all of them, none while nobody
 * waits. A query for each request would grow with the load exactly when the database is slow.
 */
export function createOutcomeWaiter({ statuses, pollMs, log }: OutcomeWaiterDeps): OutcomeWaiter {
  const waiting = new Set<Waiting>();
  let polling = false;
  let closed = false;

  const poll = async (): Promise<void> => {
    const ids = [...new Set([...waiting].map((waiter) => waiter.paymentId))];
    try {
      const found = await statuses(ids);
      for (const waiter of waiting) {
        const status = found.get(waiter.paymentId);
        if (status !== undefined && isDecided(status)) waiter.finish(true);
      }
    } catch (error) {
      // The wait has its own end, and the next poll asks again.
      log.warn({ error: String(error), waiting: ids.length }, 'could not read payment statuses');
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
    wait: ({ paymentId, limitMs }) =>
      new Promise((resolve) => {
        if (closed || limitMs <= 0) return resolve(false);
        const waiter: Waiting = {
          paymentId,
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
