import type { FeatureFlags } from '../../contracts/flags';
import type { PaymentFailure } from '../../contracts/saga';
import type { PaymentStatus } from '../../domain/payment-states';
import type { OutboundMessage } from './message-publisher';
import type {
  CancelIntentParams,
  CaptureMethod,
  ConfirmIntentParams,
  CreateIntentParams,
  CreateRefundParams,
} from './payment-provider';

/** A payment as the saga needs it. Amounts are integer minor units of `currency`. */
export interface SagaPayment {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly status: PaymentStatus;
  readonly version: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly paymentMethod: string;
  readonly captureMethod: CaptureMethod;
  readonly reference: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly flags: FeatureFlags;
  readonly intentId: string | null;
  readonly undoStarted: boolean;
  readonly failure: PaymentFailure | null;
  readonly traceparent: string | null;
}

/** What each provider operation is sent; stored before the first call and resent as stored. */
export interface ProviderParams {
  create: CreateIntentParams;
  confirm: ConfirmIntentParams;
  cancel: CancelIntentParams;
  refund: CreateRefundParams;
}

export type ProviderOperation = keyof ProviderParams;

export interface NewProviderRequest<O extends ProviderOperation = ProviderOperation> {
  readonly operation: O;
  readonly attemptNumber: number;
  readonly params: ProviderParams[O];
}

export interface ProviderRequest<
  O extends ProviderOperation = ProviderOperation,
> extends NewProviderRequest<O> {
  /** `<paymentId>:<operation>:<attemptNumber>` */
  readonly idempotencyKey: string;
  /** Since the key was stored; the provider forgets keys after a day. */
  readonly ageMs: number;
}

/** Derived, never random: a step that runs again sends the same key. */
export function requestKey(
  paymentId: string,
  request: Pick<NewProviderRequest, 'operation' | 'attemptNumber'>,
): string {
  return `${paymentId}:${request.operation}:${request.attemptNumber}`;
}

export interface StatusChange {
  /** As it was read: its version is compared before anything is written. */
  readonly payment: SagaPayment;
  readonly to: PaymentStatus;
  readonly capturedMinor?: number;
  readonly refundedMinor?: number;
  readonly chargeId?: string;
  readonly failure?: PaymentFailure | null;
  /** Stored by the same statement. */
  readonly requests?: readonly NewProviderRequest[];
}

export type RefundRowStatus = 'pending' | 'succeeded' | 'failed' | 'canceled';

export interface RefundRow {
  readonly refundId: string;
  readonly status: RefundRowStatus;
}

export interface RefundProgress {
  readonly refundId: string;
  readonly status: RefundRowStatus;
  readonly providerRefundId: string;
  readonly failureCode: string | null;
}

/**
 * What the saga keeps about its payment. Every method throws `StoreUnavailable` or `StoreRefused`
 * and nothing else.
 */
export interface SagaStore {
  load(paymentId: string): Promise<SagaPayment | null>;
  /** One statement: status, transition and outbox row; false when the row has moved on. */
  transition(change: StatusChange): Promise<boolean>;
  /** The fence: stores the intent only while the payment is being processed and no undo began. */
  storeIntent(link: { paymentId: string; intentId: string }): Promise<boolean>;
  /** From here on no attempt can store an intent, and one without a stored intent never confirms. */
  beginUndo(paymentId: string): Promise<SagaPayment | null>;
  latestRequest<O extends ProviderOperation>(
    of: Readonly<{ paymentId: string; operation: O }>,
  ): Promise<ProviderRequest<O> | null>;
  /** Adds the request unless that number exists, and answers with the latest: the race has one winner. */
  addRequest<O extends ProviderOperation>(
    of: Readonly<{ paymentId: string }> & NewProviderRequest<O>,
  ): Promise<ProviderRequest<O>>;
  loadRefund(refundId: string): Promise<RefundRow | null>;
  saveRefund(progress: RefundProgress): Promise<void>;
  /** Events of the payment that were not confirmed by the broker, oldest first. */
  unpublishedEvents(paymentId: string): Promise<OutboundMessage[]>;
  markPublished(eventId: string): Promise<void>;
}

/** No answer, or one that will be another soon: repeat. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The database will give the same answer for ever: a constraint, a trigger, a value out of range. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}
