import type { RefundStatus } from '../domain/refund-states';
import type { FeatureFlags } from './flags';
import type { ResolveManuallyInput, SagaBudgets } from './saga';

/** Which refund a step is about. */
export interface RefundInput {
  readonly paymentId: string;
  readonly refundId: string;
}

/** The input of `refundPayment`. */
export interface RefundPaymentInput extends RefundInput {
  readonly flags: FeatureFlags;
  readonly budgets: SagaBudgets;
}

/** How a refund stands; also the result of `refundPayment`, and never `pending` then. */
export interface RefundStanding {
  readonly status: RefundStatus;
}

/** Ends a refund that an operator has looked into; `providerRef` may name a refund made by hand. */
export type SettleRefundInput = RefundInput & ResolveManuallyInput;

/** The answer of the `getRefund` query. */
export interface RefundView extends RefundStanding {
  readonly step: RefundStep;
}

export type RefundStep = 'sending' | 'resolving' | 'waiting' | 'parked' | 'ended';
