import { DependencyUnavailable } from '../../application/ports/availability';
import { sqlState } from './store-errors';

// SQLSTATE classes that pass by themselves: 08 connection, 40 rollback (deadlock, serialization),
// 53 resources, 55 object in use, 57 shutdown or timeout (source: PostgreSQL, appendix A).
const passing = ['08', '40', '53', '55', '57'];
const rolledBack = '40';
const attempts = 3;

/**
 * Runs one statement on a request's path. A statement that Postgres rolled back in favour of
 * another is repeated, at most twice; no answer at all becomes DependencyUnavailable.
 */
export async function available<T>(what: string, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const state = sqlState(error);
      if (state?.startsWith(rolledBack) && attempt < attempts) continue;
      if (isBug(error, state)) throw error;
      throw new DependencyUnavailable(`the database (${what})`, { cause: error });
    }
  }
}

function isBug(error: unknown, state: string | null): boolean {
  if (state !== null) return !passing.includes(state.slice(0, 2));
  return (
    error instanceof TypeError ||
    (error instanceof Error && error.name === 'PrismaClientValidationError')
  );
}
