import { createCloseRun, createCompareRecords, createOpenRun } from './reconcile';
import type { ReconcileDependencies } from './reconcile-payments';
import { createRepairRecords } from './repair-records';

/** The activities of a reconciliation, bound to what they touch. */
export function createReconcileActivities(deps: ReconcileDependencies) {
  return {
    openRun: createOpenRun(deps),
    compareRecords: createCompareRecords(deps),
    repairRecords: createRepairRecords(deps),
    closeRun: createCloseRun(deps),
  };
}

export type ReconcileActivities = ReturnType<typeof createReconcileActivities>;
