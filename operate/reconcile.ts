import { createDatabase } from '../adapters/postgres/client';
import { createReconciliationDesk } from '../adapters/postgres/reconciliation-desk';
import { timeOrderedIds } from '../adapters/system/ids';
import { createLogger } from '../adapters/system/logger';
import { scrub } from '../adapters/system/scrub';
import { createTemporalClient } from '../adapters/temporal/client';
import { createReconciliationStarter } from '../adapters/temporal/reconciliation-starter';
import type { ReconciliationDesk } from '../application/ports/reconciliation-desk';
import { createStartReconciliation } from '../application/start-reconciliation';
import { ConfigError, loadReconcileConfig } from '../config';
import { taskQueues } from '../contracts/workflow-names';
import { readWindow, UsageError } from './reconcile/window';

const startTimeoutMs = 5_000;
const pageSize = 100;

/**
 * `npm run reconcile`: has the command workers compare the records of a time with the provider, waits
 * for the end, and prints each drift. Exit code 0: none, or all repaired, 1: some is left, or it
 * failed, 2: not understood.
 */
async function main(args: readonly string[]): Promise<number> {
  const window = readWindow(args, new Date());
  const config = loadReconcileConfig(process.env);
  const log = createLogger({ service: 'reconcile', level: 'warn', pretty: false });
  const database = createDatabase({
    ...config.database,
    poolSize: 1,
    applicationName: 'paysaga-reconcile',
    log,
  });
  const temporal = createTemporalClient(config.temporal);
  const starter = createReconciliationStarter({
    client: temporal.client,
    taskQueue: config.SAGA_TASK_QUEUE ?? taskQueues.saga,
    settings: config.reconciliation,
    timeoutMs: startTimeoutMs,
  });
  try {
    const reconciliations = createReconciliationDesk(database.prisma);
    const deps = { reconciliations, starter, ids: timeOrderedIds };
    const { id } = await createStartReconciliation(deps)(window);
    say(`${id}: ${window.from.toISOString()} to ${window.to.toISOString()}`);
    await starter.finished(id);
    return await report(reconciliations, id);
  } finally {
    await temporal.close();
    await database.close();
  }
}

async function report(reconciliations: ReconciliationDesk, runId: string): Promise<number> {
  const run = await reconciliations.find(runId);
  if (run === null) throw new Error('the run is not there any more');
  let startingAfter: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof reconciliations.drifts>> = await reconciliations.drifts({
      runId,
      merchantId: null,
      limit: pageSize,
      startingAfter,
    });
    for (const { type, state, subject, paymentId, evidence } of page.entries) {
      say(
        `${state} ${type} ${subject} of ${paymentId ?? 'no payment'} ${JSON.stringify(evidence)}`,
      );
    }
    startingAfter = page.hasMore ? (page.entries.at(-1)?.id ?? null) : null;
  } while (startingAfter !== null);
  const { found, repaired } = run.drift;
  say(
    `${run.intents} intents and ${run.refunds} refunds of the provider, ${run.foreignObjects} not ours, ` +
      `${run.inFlight} in flight; ${found} drifts, ${repaired} repaired`,
  );
  return found > repaired ? 1 : 0;
}

function say(line: string): void {
  process.stdout.write(`${scrub(line)}\n`);
}

function explain(error: unknown): number {
  const isTelling = error instanceof UsageError || error instanceof ConfigError;
  const text = isTelling ? error.message : `failed: ${String(error)}`;
  process.stderr.write(`${scrub(text)}\n`);
  return error instanceof UsageError ? 2 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(explain(error)),
);
