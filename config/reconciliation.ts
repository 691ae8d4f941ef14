import type { reconciliationVariables } from './variables';

type ReconciliationValues = { readonly [Name in keyof typeof reconciliationVariables]: number };

/** What every reconciliation is given, whoever starts it. */
export function reconciliationSettings(values: ReconciliationValues) {
  return {
    everyMs: values.RECONCILE_INTERVAL_MS,
    overlapMs: values.RECONCILE_OVERLAP_MS,
    graceMs: values.RECONCILE_GRACE_MS,
    repairWaitMs: values.RECONCILE_REPAIR_WAIT_MS,
  };
}
