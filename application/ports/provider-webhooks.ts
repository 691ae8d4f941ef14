import type { NewsSubject } from '../../domain/provider-news';
import type { OutboxMessage } from './payment-intake';

/** What the provider says happened. The payload is not kept: it can carry client secrets. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  readonly objectType: string;
  /** The status of the object at that moment; null for objects that have none. */
  readonly objectStatus: string | null;
  readonly providerIntentId: string | null;
  /** The payment id that our own metadata names. */
  readonly paymentId: string | null;
  /** The refund id that our own metadata names. */
  readonly refundId: string | null;
  readonly occurredAt: Date;
}

export interface WebhookVerifier {
  /** The event, or null when the signature, its age or the body is not right. */
  verify(webhook: { readonly body: Buffer; readonly signature: string }): ProviderEvent | null;
}

/** What became of an event, once and for all. */
export const newsOutcomes = [
  /** Its type changes nothing. */
  'ignored',
  'already_shown',
  'saga_told',
  'refund_told',
  /** A workflow applies what the provider shows. */
  'fact_started',
  /** It is about nobody's payment here: the account has other users. */
  'not_ours',
] as const;

export type NewsOutcome = (typeof newsOutcomes)[number];

/** An event as it is stored for the first time. */
export interface NewEvent {
  readonly event: ProviderEvent;
  /** Null leaves it to be applied later. */
  readonly outcome: NewsOutcome | null;
  /** Stored in the same transaction; null where none is needed, and without the outbox. */
  readonly command: OutboxMessage | null;
}

/** Events of the provider as they arrive. Every method throws DependencyUnavailable. */
export interface ProviderEventStore {
  /** What an event is about, by the intent first and our metadata second; null for a stranger. */
  subjectOf(event: ProviderEvent): Promise<NewsSubject | null>;
  /** Stores an event once; false when its id is known. */
  add(added: NewEvent): Promise<boolean>;
}
