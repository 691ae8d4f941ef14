import type { ApiDriftCounts } from '../../contracts/api-reconciliation';
import type { DriftType } from '../../domain/reconciliation';
import type { NewRun } from './reconciliation-store';

export interface RunRecord extends NewRun {
  readonly intents: number;
  readonly refunds: number;
  readonly foreignObjects: number;
  readonly inFlight: number;
  readonly drift: ApiDriftCounts;
  readonly startedAt: Date;
  readonly completedAt: Date | null;
}

export interface DriftRecord {
  readonly id: string;
  readonly type: DriftType;
  readonly state: 'open' | 'repaired';
  readonly paymentId: string | null;
  readonly subject: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly foundAt: Date;
  readonly repairedAt: Date | null;
}

export interface RunQuery {
  readonly limit: number;
  /** The last id of the page before. */
  readonly startingAfter: string | null;
}

export interface DriftQuery extends RunQuery {
  readonly runId: string;
  /** Whose payments; null for everybody's, and for what is of no payment here. */
  readonly merchantId: string | null;
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
}

/** What an operator sees of reconciliations. Every method throws DependencyUnavailable. */
export interface ReconciliationDesk {
  /** Stores a run that was asked for; one that exists already stays as it is. */
  add(run: NewRun): Promise<void>;
  find(runId: string): Promise<RunRecord | null>;
  /** Newest first. */
  list(query: RunQuery): Promise<Page<RunRecord>>;
  /** In the order in which they were found. */
  drifts(query: DriftQuery): Promise<Page<DriftRecord>>;
}

/** Has a run carried out, whatever becomes of this process. */
export interface ReconciliationStarter {
  /** @throws SagaUnavailable when Temporal gave no answer; repeating starts no second one */
  start(run: NewRun): Promise<void>;
  /** Waits for the end of the run. @throws when it failed or was ended */
  finished(runId: string): Promise<void>;
}
