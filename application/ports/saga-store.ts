import type { NextActionType } from '../../contracts/api-payment';
import type { FeatureFlags } from '../../contracts/flags';
import type { PaymentFactData } from '../../contracts/messages';
import type { HoldPolicy } from '../../contracts/payment-request';
import type { Answered } from '../../contracts/provider-answers';
import type { PaymentFailure } from '../../contracts/saga';
import type { PaymentFactType } from '../../domain/payment-facts';
import type { PaymentStatus } from '../../domain/payment-states';
import type { OutboundMessage } from './message-publisher';
import type {
  CancelIntentParams,
  CaptureIntentParams,
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
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** Null exactly when the customer's browser confirms. */
  readonly paymentMethod: string | null;
  readonly captureMethod: CaptureMethod;
  readonly confirmation: 'server' | 'client';
  readonly customer: string | null;
  readonly offSession: boolean;
  readonly setupFutureUsage: 'on_session' | 'off_session' | null;
  readonly returnUrl: string | null;
  readonly holdPolicy: HoldPolicy;
  readonly reference: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly flags: FeatureFlags;
  readonly intentId: string | null;
  readonly undoStarted: boolean;
  /** A cancel that was asked for and is not answered. */
  readonly cancelRequestId: string | null;
  readonly failure: PaymentFailure | null;
  readonly traceparent: string | null;
}

/** What each provider operation is sent; stored before the first call and resent as stored. */
export interface ProviderParams {
  create: CreateIntentParams;
  confirm: ConfirmIntentParams;
  capture: CaptureIntentParams;
  cancel: CancelIntentParams;
  /** The refund that compensates. */
  refund: CreateRefundParams;
  /** A refund that has a row of its own, by its id. */
  [refund: `refund:${string}`]: CreateRefundParams;
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

export interface StatusChange extends Answered {
  /** As it was read: its version is compared before anything is written. */
  readonly payment: SagaPayment;
  readonly to: PaymentStatus;
  readonly heldMinor?: number;
  readonly capturedMinor?: number;
  readonly refundedMinor?: number;
  readonly chargeId?: string;
  readonly captureBefore?: string | null;
  readonly action?: NextActionType | null;
  readonly failure?: PaymentFailure | null;
  /**
   * The request that led here: closed as done. Any other open one is refused once the payment has
   * ended.
   */
  readonly requestId?: string;
  /** Stored by the same statement. */
  readonly requests?: readonly NewProviderRequest[];
}

/** Something that happened beside the status; it takes the payment's next version. */
export interface FactNote {
  /** As it was read: its version is compared before anything is written. */
  readonly payment: SagaPayment;
  readonly type: PaymentFactType;
  /** What belongs to this type alone. */
  readonly about: Pick<PaymentFactData, 'refund' | 'dispute' | 'hold'>;
  /** Whether the same fact was noted before: then nothing is written. */
  readonly once?: boolean;
}

/**
 * What the saga keeps about its payment. Every method throws `StoreUnavailable` or `StoreRefused`
 * and nothing else.
 */
export interface SagaStore {
  load(paymentId: string): Promise<SagaPayment | null>;
  /** One statement: status, transition and outbox row; false when the row has moved on. */
  transition(change: StatusChange): Promise<boolean>;
  /** One statement: version, fact and outbox row; false when the row has moved on. */
  noteFact(note: FactNote): Promise<boolean>;
  /** Closes a request that came to nothing; one that is closed stays as it is. */
  refuseRequest(refused: {
    readonly paymentId: string;
    readonly requestId: string;
    readonly refusal: string;
  }): Promise<void>;
  /** The fence: stores the intent only while the payment is being processed and no undo began. */
  storeIntent(link: Readonly<{ paymentId: string; intentId: string }> & Answered): Promise<boolean>;
  /** From here on no attempt can store an intent, and one without a stored intent never confirms. */
  beginUndo(paymentId: string): Promise<SagaPayment | null>;
  latestRequest<O extends ProviderOperation>(
    of: Readonly<{ paymentId: string; operation: O }>,
  ): Promise<ProviderRequest<O> | null>;
  /** Adds the request unless that number exists, and answers with the latest: the race has one winner. */
  addRequest<O extends ProviderOperation>(
    of: Readonly<{ paymentId: string }> & NewProviderRequest<O>,
  ): Promise<ProviderRequest<O>>;
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
