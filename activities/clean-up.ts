import { Context } from '@temporalio/activity';
import type { JanitorMetrics } from '../application/ports/metrics';
import type { Retention } from '../application/ports/retention';
import { cleanedTables } from '../contracts/janitor';
import type { CleanedTable, JanitorInput, JanitorResult } from '../contracts/janitor';
import { toFailure } from './errors';

export interface CleanUpDependencies {
  readonly retention: Retention;
  readonly janitorMetrics: JanitorMetrics;
}

// A statement of some ten milliseconds, far from the limit of 5 s.
const batchSize = 2_000;
// 500,000 rows of a table in one run; what is left is old enough for the next one too.
const maxBatches = 250;

/**
 * Deletes what has been kept long enough. Crash points: between any two batches, each of which is a
 * transaction of its own; the next run finds what is left.
 * @throws ApplicationFailure `StoreUnavailable` | `StoreRefused`; repeating is harmless
 */
export function createCleanUp(deps: CleanUpDependencies) {
  return async (input: JanitorInput): Promise<JanitorResult> => {
    const deleted = { outbox_events: 0, inbox: 0, idempotency_keys: 0, stripe_events: 0 };
    try {
      for (const table of cleanedTables) {
        deleted[table] = await cleanTable(deps, { table, keepMs: input.keepMs[table] });
      }
    } catch (error) {
      throw toFailure(error, 'record');
    }
    return deleted;
  };
}

async function cleanTable(
  { retention, janitorMetrics }: CleanUpDependencies,
  of: { readonly table: CleanedTable; readonly keepMs: number },
): Promise<number> {
  const context = Context.current();
  let total = 0;
  let after: string | null = null;
  for (let batches = 0; batches < maxBatches; batches += 1) {
    const startedAtMs = performance.now();
    const { deleted, next } = await retention.clean({ ...of, limit: batchSize, after });
    janitorMetrics.deleted(of.table, deleted);
    total += deleted;
    after = next;
    if (after === null) break;
    context.heartbeat();
    // Half of the time is left to those who do not only tidy up.
    await context.sleep(performance.now() - startedAtMs);
  }
  return total;
}
