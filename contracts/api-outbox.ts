export const outboxStates = ['waiting', 'dead'] as const;

/** `waiting`: to be published, at once or after a pause. `dead`: given up, until it is redriven. */
export type OutboxState = (typeof outboxStates)[number];

/** A message that is not published yet, as the API shows it. Times are RFC 3339. */
export interface ApiOutboxMessage {
  readonly id: string;
  readonly object: 'outbox_message';
  readonly state: OutboxState;
  readonly type: string;
  /** What it is about: a payment's id, but for the service's own messages. */
  readonly subject: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  /** When it is tried again, where that is put off. */
  readonly next_attempt_at: string | null;
  readonly dead_at: string | null;
}

/** One page, in the order of publishing. */
export interface ApiOutboxList {
  readonly object: 'list';
  readonly data: readonly ApiOutboxMessage[];
  readonly has_more: boolean;
}

/** Which dead messages: those that every named part fits. */
export interface RedriveRequest {
  readonly ids: readonly string[] | null;
  readonly type: string | null;
  /** Part of the last error, in small or capital letters. */
  readonly error_contains: string | null;
  readonly dry_run: boolean;
}

export interface ApiRedrive {
  readonly object: 'outbox_redrive';
  readonly dry_run: boolean;
  /** Of the messages that were made due again, or would be. */
  readonly count: number;
  readonly ids: readonly string[];
  /** One call takes so many at most; whether it left some. */
  readonly has_more: boolean;
}
