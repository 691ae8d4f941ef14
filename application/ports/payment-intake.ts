import type { PaymentEventData } from '../../contracts/messages';
import type { PaymentEventType } from '../../domain/payment-states';
import type { Answer, IdempotencyScope } from './idempotency-store';
import type { OutboundMessage } from './message-publisher';
import type { PaymentRecord } from './payment-reader';

/** Everything that accepting a payment writes. */
export interface Acceptance {
  /** Status `pending`, version 1. */
  readonly payment: PaymentRecord;
  readonly event: {
    readonly id: string;
    readonly type: PaymentEventType;
    readonly data: PaymentEventData;
  };
  /** In the order they are to be published; empty when the outbox is off. */
  readonly outbox: readonly OutboxMessage[];
  readonly idempotency: {
    readonly scope: IdempotencyScope;
    readonly bodySha256: string;
    readonly answer: Answer;
    /** How long the key stays locked for a caller who waits; null stores the answer as final. */
    readonly lockMs: number | null;
  };
}

export interface OutboxMessage extends OutboundMessage {
  /** The payment's version for events; null for commands. */
  readonly aggregateVersion: number | null;
}

export type IntakeOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'key_taken' }
  /** The reference allows one live payment, and has this one. */
  | { readonly kind: 'reference_taken'; readonly paymentId: string };

export interface PaymentIntake {
  /**
   * Writes all of it or nothing, in one statement and one round trip.
   * @returns what kept it from being written, if anything did: then nothing was
   * @throws DependencyUnavailable when the outcome is unknown; safe to repeat under the same key
   */
  accept(acceptance: Acceptance): Promise<IntakeOutcome>;
  /** Remembers that the event of the first transition reached the broker without the outbox. */
  markEventPublished(eventId: string): Promise<void>;
}
