/** Every status a payment can have. Captured and refunded amounts are figures beside the status. */
export const paymentStatuses = [
  'pending',
  'processing',
  'requires_action',
  'authorized',
  'succeeded',
  'failed',
  'canceled',
  'needs_review',
] as const;

export type PaymentStatus = (typeof paymentStatuses)[number];

/** The event each status announces; versioned, past tense. */
export const paymentEventTypes = {
  pending: 'payment.accepted.v1',
  processing: 'payment.processing.v1',
  requires_action: 'payment.requires_action.v1',
  authorized: 'payment.authorized.v1',
  succeeded: 'payment.succeeded.v1',
  failed: 'payment.failed.v1',
  canceled: 'payment.canceled.v1',
  needs_review: 'payment.needs_review.v1',
} as const satisfies Record<PaymentStatus, string>;

export type PaymentEventType = (typeof paymentEventTypes)[PaymentStatus];

/** One legal edge; `from: null` is the birth of the payment. */
export interface Transition {
  readonly from: PaymentStatus | null;
  readonly to: PaymentStatus;
  readonly event: PaymentEventType;
}

const edges: ReadonlyArray<readonly [PaymentStatus | null, readonly PaymentStatus[]]> = [
  [null, ['pending']],
  // A saga that could neither begin nor undo, because the database was away all the time, is parked.
  ['pending', ['processing', 'failed', 'canceled', 'needs_review']],
  [
    'processing',
    ['requires_action', 'authorized', 'succeeded', 'failed', 'canceled', 'needs_review'],
  ],
  ['requires_action', ['authorized', 'succeeded', 'failed', 'canceled', 'needs_review']],
  ['authorized', ['succeeded', 'failed', 'canceled', 'needs_review']],
  // Money can arrive after the end, and a compensating refund can fail after it succeeded.
  ['failed', ['needs_review']],
  ['canceled', ['needs_review']],
  // Only an operator, or a compensation that finished after all, leaves needs_review.
  ['needs_review', ['succeeded', 'failed', 'canceled']],
  ['succeeded', []],
];

/** The one table of legal status changes; whatever changes a status passes it. */
export const transitionTable: readonly Transition[] = edges.flatMap(([from, targets]) =>
  targets.map((to) => ({ from, to, event: paymentEventTypes[to] })),
);

/** The statuses from which `to` may be reached. */
export function statusesBefore(to: PaymentStatus): PaymentStatus[] {
  return transitionTable.flatMap((edge) => (edge.to === to && edge.from ? [edge.from] : []));
}

/** Whether the table has an edge from `from` to `to`. */
export function isLegalTransition(from: PaymentStatus | null, to: PaymentStatus): boolean {
  return transitionTable.some((edge) => edge.from === from && edge.to === to);
}

const decided: readonly PaymentStatus[] = [
  'requires_action',
  'authorized',
  'succeeded',
  'failed',
  'canceled',
  'needs_review',
];

/** Whether a caller who waits for the outcome has something to be told. */
export function isDecided(status: PaymentStatus): boolean {
  return decided.includes(status);
}

/** Whether the saga has nothing left to do by itself: ended, or parked for an operator. */
export function isSettled(status: PaymentStatus): boolean {
  return ['succeeded', 'failed', 'canceled', 'needs_review'].includes(status);
}
