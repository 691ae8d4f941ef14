import type { AuditAction, AuditOutcome } from '../../contracts/audit';

export interface NewAuditEntry {
  /** A time-ordered UUID, by which the trail is read. */
  readonly id: string;
  readonly merchantId: string;
  /** The id of the key that was used. */
  readonly actor: string;
  readonly action: AuditAction;
  readonly paymentId: string | null;
  /** Never a secret: merchants read it. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly outcome: AuditOutcome;
}

export interface AuditEntry extends NewAuditEntry {
  readonly createdAt: Date;
}

export interface AuditQuery {
  readonly merchantId: string;
  readonly limit: number;
  /** The last id of the page before. */
  readonly startingAfter: string | null;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  readonly hasMore: boolean;
}

/** Who did what by hand: only ever added to. Every method throws DependencyUnavailable. */
export interface AuditTrail {
  write(entry: NewAuditEntry): Promise<void>;
  list(query: AuditQuery): Promise<AuditPage>;
}
