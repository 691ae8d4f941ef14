import type { PaymentStatus } from '../../domain/payment-states';
import type { SagaStart } from './saga-starter';

/** A stored capture or cancel, and the payment it is about. */
export interface OpenRequest {
  readonly requestId: string;
  readonly kind: 'capture' | 'cancel';
  /** Minor units; null for a cancel. */
  readonly amountMinor: number | null;
  readonly payment: SagaStart;
  /** Of the payment, when the request was read. */
  readonly status: PaymentStatus;
}

/** Every method throws `StoreUnavailable` or `StoreRefused` and nothing else. */
export interface OpenRequests {
  /** Null when it is answered already, or never was. */
  find(requestId: string): Promise<OpenRequest | null>;
  /** Why a closed request came to nothing; null for one that is open or done. */
  refusalOf(requestId: string): Promise<string | null>;
  /** Open ones that were stored before that long, oldest first. */
  olderThan(query: { readonly ageMs: number; readonly limit: number }): Promise<OpenRequest[]>;
  /** Closes one that came to nothing; one that is closed stays as it is. */
  refuse(refused: {
    readonly paymentId: string;
    readonly requestId: string;
    readonly refusal: string;
  }): Promise<void>;
}

/** `taken`: the saga has it and will answer it. `ended`: there is no saga any more to take it. */
export type HandOver = 'taken' | 'ended';

/** Sagas as those who ask something of them see them. */
export interface SagaRequests {
  /**
   * Hands the request to the payment's saga, once for each request id, and starts a saga that has
   * not begun.
   * @throws SagaUnavailable when Temporal gave no answer within the budget; safe to repeat
   */
  handOver(request: OpenRequest): Promise<HandOver>;
}
