import { DomainError } from '../../domain/errors';
import { StoreRefused, StoreUnavailable } from '../../application/ports/saga-store';

// SQLSTATE classes whose answer never changes by waiting: 22 data exception, 23 integrity
// constraint, P0 an exception raised by a function or trigger (source: PostgreSQL, appendix A).
// Whatever else happens is waited out: money must not be refunded because a database restarts.
const refusals = ['22', '23', 'P0'];

/** Runs one statement and tells its failures apart by what waiting can do about them. */
export async function guarded<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    // A broken rule of ours, or a row that cannot be read: asking Postgres again changes nothing.
    if (error instanceof DomainError || error instanceof StoreRefused) throw error;
    const state = sqlState(error);
    const message = `${what}: ${state ?? 'no answer'}`;
    throw state !== null && refusals.includes(state.slice(0, 2))
      ? new StoreRefused(message, { cause: error })
      : new StoreUnavailable(message, { cause: error });
  }
}

/** The five characters of Postgres's answer, wherever Prisma's layers put them; null without one. */
export function sqlState(error: unknown): string | null {
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  while (queue.length > 0) {
    const current = queue.shift();
    if (typeof current !== 'object' || current === null || seen.has(current)) continue;
    seen.add(current);
    const found = stateOf(current);
    if (found !== null) return found;
    for (const layer of ['cause', 'meta', 'driverAdapterError']) {
      queue.push(Reflect.get(current, layer));
    }
  }
  return null;
}

function stateOf(candidate: object): string | null {
  for (const name of ['originalCode', 'code']) {
    const value: unknown = Reflect.get(candidate, name);
    // Prisma's own codes (P2010) have the same length; no SQLSTATE class is called P1, P2 or P3.
    if (typeof value === 'string' && /^(?!P[123])[0-9A-Z]{5}$/.test(value)) return value;
  }
  return null;
}
