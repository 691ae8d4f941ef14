/** What an operator can do by hand. */
export const auditActions = [
  'retry_compensation',
  'resolve',
  'redrive_outbox',
  'start_reconciliation',
] as const;

export type AuditAction = (typeof auditActions)[number];

/**
 * How far it came. `started` is written before anything is done, and one of the others after it;
 * without one the process ended in between, and what was done is seen at its subject.
 * `refused`: nothing was changed. `unanswered`: whoever does it gave no answer in time.
 */
export const auditOutcomes = ['started', 'done', 'refused', 'unanswered', 'failed'] as const;

export type AuditOutcome = (typeof auditOutcomes)[number];

/** One line of the trail as the API shows it. */
export interface ApiAuditEntry {
  readonly id: string;
  readonly object: 'audit_entry';
  /** The id of the key that was used. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The payment it was about; null where it was about none in particular. */
  readonly payment: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly outcome: AuditOutcome;
  readonly created_at: string;
}

/** One page, newest first. */
export interface ApiAuditList {
  readonly object: 'list';
  readonly data: readonly ApiAuditEntry[];
  readonly has_more: boolean;
}
