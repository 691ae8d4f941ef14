import type { PaymentStatus } from '../../domain/payment-states';
import type { SagaStart } from './saga-starter';

/** What an operator asks of a parked payment. */
export type OperatorWish =
  | { readonly kind: 'retry_compensation' }
  | { readonly kind: 'resolve'; readonly reason: string; readonly providerRef: string };

export interface OperatorRequest {
  /** The same for the same request: whoever serves it takes each id once. */
  readonly id: string;
  readonly wish: OperatorWish;
  readonly payment: SagaStart;
  /** How long the answer is waited for once the request was taken. */
  readonly limitMs: number;
}

/**
 * `answered`: with the status that it led to. `refused`: another request is at work. `working`: it
 * was taken, and is not done yet.
 */
export type OperatorAnswer =
  | { readonly kind: 'answered'; readonly status: PaymentStatus }
  | { readonly kind: 'refused' }
  | { readonly kind: 'working' };

/** Whoever stays with parked payments, as the operator sees them. */
export interface OperatorRequests {
  /**
   * Hands the request to the payment's saga, or, when that is no more, to a workflow of its own.
   * @throws SagaUnavailable when Temporal gave no answer within the budget; safe to repeat
   */
  submit(request: OperatorRequest): Promise<OperatorAnswer>;
}
