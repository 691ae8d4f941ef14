import type { PaymentAction } from '../domain/explain-payment';
import type { PaymentStatus } from '../domain/payment-states';
import type { Scope } from './api-payment';

/** What an entry of a timeline is about. */
export const timelineKinds = [
  'status',
  'fact',
  'command',
  'provider_request',
  'undo',
  'request',
  'request_answered',
  'refund',
  'dispute',
  'ledger',
  'webhook',
  'operator_action',
] as const;

export type TimelineKind = (typeof timelineKinds)[number];

export interface ApiTimelineEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly kind: TimelineKind;
  /** One plain sentence. */
  readonly text: string;
  /** What is stored, by kind. Times are RFC 3339, amounts integer minor units of the payment. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What is safe to ask of the payment now. */
export interface ApiSafeAction {
  readonly action: PaymentAction;
  readonly method: 'POST';
  readonly path: string;
  readonly scope: Scope;
  /** The most that can be captured or refunded; null where no amount is given. */
  readonly amount_available: number | null;
}

/** All that is stored of a payment, oldest first. */
export interface ApiTimeline {
  readonly object: 'timeline';
  readonly payment: string;
  readonly status: PaymentStatus;
  /** What happened, where the money is, what comes next. */
  readonly summary: string;
  readonly actions: readonly ApiSafeAction[];
  readonly entries: readonly ApiTimelineEntry[];
}
