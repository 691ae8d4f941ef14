import type { Log } from '../../application/ports/log';

/**
 * Runs optional work and gives null when it fails. After a failure the work is skipped for a
 * while, so that a frozen server delays one request in each such while and not every one.
 */
export function createCircuit({ pauseMs, log }: { readonly pauseMs: number; readonly log: Log }) {
  let closedUntil = 0;
  let failing = false;

  return async <T>(work: () => Promise<T>): Promise<T | null> => {
    const now = performance.now();
    if (now < closedUntil) return null;
    // While it fails, only the first caller of each interval tries.
    if (failing) closedUntil = now + pauseMs;
    try {
      const result = await work();
      failing = false;
      closedUntil = 0;
      return result;
    } catch (error) {
      if (!failing) log.warn({ error: String(error) }, 'skipping Redis for a moment');
      failing = true;
      closedUntil = performance.now() + pauseMs;
      return null;
    }
  };
}
