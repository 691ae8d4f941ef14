import { Context } from '@temporalio/activity';
import type { PageResult, Run } from '../application/ports/reconciliation-store';
import { StoreRefused } from '../application/ports/saga-store';
import type { OpenRunInput, ReconciliationSummary, RunInput } from '../contracts/reconciliation';
import { toFailure } from './errors';
import { compareIntents, compareUnseen } from './reconcile-payments';
import type { ReconcileDependencies } from './reconcile-payments';
import { compareRefunds, compareUnseenRefunds } from './reconcile-refunds';

// Stripe lists whatever its age, but a run that makes up for a longer absence should be asked for.
const longestWindowMs = 31 * 86_400_000;

/**
 * Begins a run. The window of a scheduled one begins where the one of the last completed run ended, so
 * that no time is left out when a run was.
 */
export function createOpenRun({ reconciliation }: Pick<ReconcileDependencies, 'reconciliation'>) {
  return async (input: OpenRunInput): Promise<void> => {
    try {
      const { origin, runId: id } = input;
      const window = askedWindow(input) ?? next(input, await reconciliation.latestScheduledEnd());
      await reconciliation.open({ id, origin, ...window });
    } catch (error) {
      throw toFailure(error, 'record');
    }
  };
}

function askedWindow({ run }: OpenRunInput) {
  return run === undefined ? null : { from: new Date(run.from), to: new Date(run.to) };
}

function next(input: OpenRunInput, latest: Date | null) {
  const toMs = Date.parse(input.startedAt) - input.graceMs;
  const sinceMs = Math.min(latest?.getTime() ?? toMs - input.everyMs, toMs - 1);
  const fromMs = Math.max(sinceMs - input.overlapMs, toMs - longestWindowMs);
  return { from: new Date(fromMs), to: new Date(toMs) };
}

/**
 * Compares page by page. Each page is written together with the place after it, so that a run whose
 * worker was killed goes on behind the last page, and counts none twice; memory holds one page.
 * @throws ApplicationFailure of a type in `faultTypes`; the next attempt goes on
 */
export function createCompareRecords(deps: ReconcileDependencies) {
  return async ({ runId, graceMs }: RunInput): Promise<void> => {
    try {
      for (;;) {
        const run = await deps.reconciliation.find(runId);
        if (run === null) throw new StoreRefused('the run does not exist');
        const page = await comparePage(deps, run, graceMs);
        if (page === null) return;
        // Not written: another worker was at the same page, and its place is read.
        await deps.reconciliation.advance(page);
        await Context.current().sleep(0);
      }
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

async function comparePage(
  deps: ReconcileDependencies,
  run: Run,
  graceMs: number,
): Promise<PageResult | null> {
  switch (run.place.phase) {
    case 'intents':
      return compareIntents(deps, run, graceMs);
    case 'refunds':
      return compareRefunds(deps, run, graceMs);
    case 'payments':
      return compareUnseen(deps, run, graceMs);
    case 'own_refunds':
      return compareUnseenRefunds(deps, run, graceMs);
    case 'repairs':
    case 'done':
      return null;
    default:
      return run.place.phase satisfies never;
  }
}

/** Ends the run; where there was drift, its event goes out. */
export function createCloseRun({
  reconciliation,
  log,
}: Pick<ReconcileDependencies, 'reconciliation' | 'log'>) {
  return async ({ runId }: RunInput): Promise<ReconciliationSummary> => {
    try {
      const summary = await reconciliation.close(runId);
      if (summary.found > 0) log.warn(summary, 'reconciliation found drift');
      else log.info(summary, 'reconciliation found no drift');
      return summary;
    } catch (error) {
      throw toFailure(error, 'record');
    }
  };
}
