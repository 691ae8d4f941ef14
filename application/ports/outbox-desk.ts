import type { OutboxState } from '../../contracts/api-outbox';

/** A row that is not published yet; its headers are the broker's business and stay out of it. */
export interface OutboxEntry {
  readonly id: string;
  readonly state: OutboxState;
  readonly type: string;
  readonly subject: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly nextAttemptAt: Date | null;
  readonly deadAt: Date | null;
}

export interface OutboxQuery {
  /** Whose payments; rows about no payment are the service's own, and every operator's. */
  readonly merchantId: string;
  readonly limit: number;
  /** The last id of the page before. */
  readonly startingAfter: string | null;
  readonly state: OutboxState | null;
  readonly type: string | null;
  readonly paymentId: string | null;
}

export interface OutboxPage {
  /** In the order of publishing. */
  readonly entries: readonly OutboxEntry[];
  readonly hasMore: boolean;
}

/** Every part that is not null must fit. */
export interface DeadRows {
  readonly merchantId: string;
  readonly ids: readonly string[] | null;
  readonly type: string | null;
  readonly errorContains: string | null;
  /** The earliest so many. */
  readonly limit: number;
}

/** What an operator sees of the outbox and does to it. Every method throws DependencyUnavailable. */
export interface OutboxDesk {
  list(query: OutboxQuery): Promise<OutboxPage>;
  /** The ids of dead rows, in the order of publishing. */
  findDead(rows: DeadRows): Promise<readonly string[]>;
  /** Makes them due again, as `UPDATE outbox_events SET attempts = 0` does; their ids. */
  reviveDead(rows: DeadRows): Promise<readonly string[]>;
}
