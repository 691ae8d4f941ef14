import type { NewAuditEntry } from './audit-trail';
import type { Answer, IdempotencyScope } from './idempotency-store';
import type { OutboxMessage } from './payment-intake';
import type { PaymentRecord } from './payment-reader';

/** A capture or cancel as it is stored, or a refund. Amounts are minor units of the payment. */
export type NewRequest =
  | { readonly kind: 'capture'; readonly id: string; readonly amountMinor: number }
  | { readonly kind: 'cancel'; readonly id: string }
  /** A look at the provider, of which only the key is stored. */
  | { readonly kind: 'look'; readonly id: string }
  | {
      readonly kind: 'refund';
      readonly id: string;
      readonly amountMinor: number;
      readonly providerReason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
      readonly metadata: Readonly<Record<string, string>>;
    }
  /** Of an operator: kept in the audit trail, and about the payment itself. */
  | { readonly kind: 'operator_action'; readonly id: string; readonly entry: NewAuditEntry };

/** What a locked payment allows. */
export type RequestDecision<Refusal> =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'granted';
      readonly request: NewRequest;
      readonly answer: Answer;
      /** When it was asked for, as the answer says. */
      readonly askedAt: Date;
      /** The command that hands it on; empty without the outbox. */
      readonly outbox: readonly OutboxMessage[];
    };

export interface RequestOnPayment<Refusal> {
  readonly paymentId: string;
  readonly idempotency: {
    readonly scope: IdempotencyScope;
    readonly bodySha256: string;
    /** How long the key stays locked for a caller who waits; null stores the answer as final. */
    readonly lockMs: number | null;
  };
  /** Judges the payment as it is under its row's lock; null for one that this merchant has not. */
  readonly decide: (payment: PaymentRecord | null) => RequestDecision<Refusal>;
}

export interface RequestIntake {
  /**
   * Locks the payment's row, lets `decide` judge it, and writes what is granted with its key: all of
   * it or nothing. A refusal stores no key, so that the same request can be granted later.
   * @throws DependencyUnavailable when the outcome is unknown; safe to repeat under the same key
   */
  accept<Refusal>(
    request: RequestOnPayment<Refusal>,
  ): Promise<RequestDecision<Refusal> | { readonly kind: 'key_taken' }>;
}
