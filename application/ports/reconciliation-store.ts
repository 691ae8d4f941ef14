import type { DriftType, PaymentHere, RefundHere } from '../../domain/reconciliation';
import type { ReconciliationSummary } from '../../contracts/reconciliation';

/** In this order; `repairs` ends with the run. */
export const comparisonPhases = ['intents', 'refunds', 'payments', 'own_refunds'] as const;

export type ComparisonPhase = (typeof comparisonPhases)[number];

/** How far a run has come: the phase, and the last id of the page before. */
export interface Place {
  readonly phase: ComparisonPhase | 'repairs' | 'done';
  readonly after: string | null;
}

export interface Run {
  readonly id: string;
  readonly from: Date;
  readonly to: Date;
  readonly place: Place;
}

export interface NewRun {
  readonly id: string;
  readonly origin: 'schedule' | 'manual';
  readonly from: Date;
  readonly to: Date;
}

export interface ReconciledPayment extends PaymentHere {
  readonly paymentId: string;
  readonly intentId: string | null;
  readonly version: number;
  /** Since its last change. */
  readonly ageMs: number;
  /** Whether a capture or a cancel is on its way. */
  readonly isAsked: boolean;
}

export interface ReconciledRefund extends RefundHere {
  readonly refundId: string;
  readonly paymentId: string;
  readonly providerRefundId: string | null;
  readonly ageMs: number;
}

export interface NewDrift {
  readonly type: DriftType;
  /** What differs: the id of the intent, the payment or the refund. */
  readonly subject: string;
  readonly paymentId: string | null;
  readonly evidence: DriftEvidence;
}

export interface DriftEvidence {
  readonly here: object | null;
  readonly there: object | null;
  readonly intent_id?: string | null;
  readonly provider_refund_id?: string | null;
}

export interface Drift extends NewDrift {
  readonly id: string;
}

/** What one page brought; written together with the run's new place, or not at all. */
export interface PageResult {
  readonly run: Run;
  readonly next: Place;
  readonly drifts: readonly NewDrift[];
  /** Ids of the provider that are accounted for. */
  readonly seen: readonly string[];
  readonly intents?: number;
  readonly refunds?: number;
  readonly foreign?: number;
  readonly inFlight?: number;
}

export interface UnseenQuery {
  readonly run: Run;
  readonly limit: number;
}

/** What a run keeps. Every method throws `StoreUnavailable` or `StoreRefused` and nothing else. */
export interface ReconciliationStore {
  /** Begins the run, or finds it as it stands. */
  open(run: NewRun): Promise<Run>;
  find(runId: string): Promise<Run | null>;
  /** The end of the window of the latest scheduled run that was completed. */
  latestScheduledEnd(): Promise<Date | null>;
  /** Those of the given intents, and those of the given ids; a payment may be found by either. */
  payments(of: {
    readonly intentIds: readonly string[];
    readonly paymentIds: readonly string[];
  }): Promise<readonly ReconciledPayment[]>;
  refunds(of: {
    readonly providerRefundIds: readonly string[];
    readonly refundIds: readonly string[];
  }): Promise<readonly ReconciledRefund[]>;
  /** Payments of the window, after the run's place, whose intent the provider did not list. */
  unseenPayments(query: UnseenQuery): Promise<readonly ReconciledPayment[]>;
  unseenRefunds(query: UnseenQuery): Promise<readonly ReconciledRefund[]>;
  /** Compares the place that was read: of two workers on one run, one writes and one gets false. */
  advance(page: PageResult): Promise<boolean>;
  openDrifts(of: {
    readonly runId: string;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly Drift[]>;
  markRepaired(driftId: string): Promise<void>;
  /** Ends the run and, where drift was found, writes the event that tells it; safe to repeat. */
  close(runId: string): Promise<ReconciliationSummary>;
}
