import type { DriftType } from '../domain/reconciliation';

/** The input of `reconcilePayments`. Times are RFC 3339. */
export interface ReconcileInput {
  readonly origin: 'schedule' | 'manual';
  /** Of a manual run; a scheduled one takes its id from its workflow and its window from the last. */
  readonly run?: { readonly id: string; readonly from: string; readonly to: string };
  /** Of a scheduled run: how long the window is where no run came before. */
  readonly everyMs: number;
  /** Of a scheduled run: how far the window reaches back into the one before. */
  readonly overlapMs: number;
  /** A payment that changed so lately may be in the middle of what makes it differ. */
  readonly graceMs: number;
  /** Between asking for a repair and looking whether it came. */
  readonly repairWaitMs: number;
}

export interface ReconcileResult {
  readonly runId: string;
  readonly found: number;
  readonly repaired: number;
}

/** Which run a step is of. */
export interface RunInput {
  readonly runId: string;
  readonly graceMs: number;
}

export interface OpenRunInput extends ReconcileInput {
  readonly runId: string;
  /** When the workflow began, RFC 3339. */
  readonly startedAt: string;
}

export interface RepairInput extends RunInput {
  /** Whether repairs are asked for, or only looked for. */
  readonly ask: boolean;
}

export interface RepairResult {
  /** Drifts that may yet be repaired. */
  readonly hopeful: number;
}

export interface ReconciliationSummary {
  readonly runId: string;
  readonly found: number;
  readonly repaired: number;
  /** Drifts found, by type; types of which there was none are left out. */
  readonly byType: Readonly<Partial<Record<DriftType, number>>>;
}
