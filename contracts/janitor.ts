/** The tables of which old rows go. What is left of a payment is in its own tables. */
export const cleanedTables = [
  'outbox_events',
  'inbox',
  'idempotency_keys',
  'stripe_events',
] as const;

export type CleanedTable = (typeof cleanedTables)[number];

/** The input of `janitor`: how long a row is kept once nothing needs it any more. */
export interface JanitorInput {
  readonly keepMs: Readonly<Record<CleanedTable, number>>;
}

/** Rows deleted. */
export type JanitorResult = Readonly<Record<CleanedTable, number>>;
