import type { DriftType } from '../domain/reconciliation';

/** A comparison of the service's records with the provider's, as the API shows it. Times are RFC 3339. */
export interface ApiReconciliation {
  readonly id: string;
  readonly object: 'reconciliation';
  readonly status: 'running' | 'completed';
  readonly origin: 'schedule' | 'manual';
  /** What was made from here on is compared. */
  readonly from: string;
  /** What was made before this is compared. */
  readonly to: string;
  readonly intents: number;
  readonly refunds: number;
  /** Of others who share the account with the provider. */
  readonly foreign_objects: number;
  /** Differences that something on its way explains. */
  readonly in_flight: number;
  readonly drift: ApiDriftCounts;
  readonly started_at: string;
  readonly completed_at: string | null;
}

export interface ApiDriftCounts {
  readonly found: number;
  readonly repaired: number;
  /** Types of which there was none are left out. */
  readonly by_type: Readonly<Partial<Record<DriftType, number>>>;
}

export interface ApiReconciliationList {
  readonly object: 'list';
  readonly data: readonly ApiReconciliation[];
  readonly has_more: boolean;
}

export interface ApiDrift {
  readonly id: string;
  readonly object: 'drift';
  readonly type: DriftType;
  readonly state: 'open' | 'repaired';
  readonly payment: string | null;
  /** The id of what differs: of the payment, the refund, or the provider's object. */
  readonly subject: string;
  /** Both sides as they were found; null where there is none. Amounts are minor units. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly found_at: string;
  readonly repaired_at: string | null;
}

export interface ApiDriftList {
  readonly object: 'list';
  readonly data: readonly ApiDrift[];
  readonly has_more: boolean;
}

/** The body of POST /v1/reconciliations. */
export interface ReconciliationRequest {
  readonly from: Date;
  readonly to: Date;
}
