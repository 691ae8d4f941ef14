import type { PaymentStatus } from '../domain/payment-states';
import type { NextActionType } from './api-payment';
import type { FeatureFlags } from './flags';
import type { HoldPolicy } from './payment-request';
import type { Answered } from './provider-answers';

/** How long one step may take: attempts, one attempt's time, and the whole with its waits. */
export interface StepBudget {
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly totalMs: number;
}

/**
 * Every limit of a saga. Part of the workflow's input, because a limit read from configuration
 * inside a workflow would differ between a run and its replay.
 */
export interface SagaBudgets {
  readonly authorize: StepBudget;
  readonly undo: StepBudget;
  /** Recording has no end: an outcome that is known must not be dropped. */
  readonly recordTimeoutMs: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  /** How long payments wait for others; absent in runs from before they could. */
  readonly waits?: SagaWaits;
}

/** How long a payment waits for its customer, its merchant and the provider. */
export interface SagaWaits {
  /** After this long without the customer's act the payment fails. */
  readonly actionMs: number;
  /** Between two looks at the provider while something is waited for; webhooks come sooner. */
  readonly pollMs: number;
  /** How long before the end of a hold it is announced. */
  readonly holdNoticeMs: number;
  /** How long before the end of a hold its policy acts. */
  readonly holdMarginMs: number;
}

/** The input of `processPayment`. Amounts are integer minor units of `currency`. */
export interface ProcessPaymentInput {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly flags: FeatureFlags;
  readonly budgets: SagaBudgets;
}

/** Also for runs that were started before there were any waits. */
export const defaultSagaWaits: SagaWaits = {
  actionMs: 3_600_000,
  pollMs: 300_000,
  holdNoticeMs: 86_400_000,
  holdMarginMs: 3_600_000,
};

export interface ProcessPaymentResult {
  readonly status: PaymentStatus;
}

/** Why a payment did not succeed; `code` is stable, the message is for the merchant. */
export interface PaymentFailure {
  readonly code: string;
  readonly declineCode: string | null;
  readonly message: string;
}

export interface AuthorizeInput {
  readonly paymentId: string;
  /**
   * Whether the workflow that asks knows holds and challenges. One of a version from before would take
   * an answer that it does not know for a charge, so it is given the answers of its time.
   */
  readonly mayWait?: boolean;
}

/** What the provider said. Outages are not answers: they are thrown. */
export type AuthorizeResult = Answered & AuthorizeOutcome;

type AuthorizeOutcome =
  | { readonly kind: 'captured'; readonly capturedMinor: number; readonly chargeId: string | null }
  | {
      readonly kind: 'authorized';
      readonly heldMinor: number;
      readonly chargeId: string | null;
      /** RFC 3339; null where the provider names no end of the hold. */
      readonly captureBefore: string | null;
      readonly holdPolicy: HoldPolicy;
    }
  | { readonly kind: 'declined'; readonly failure: PaymentFailure }
  /** Without an action in runs from before payments could wait for one. */
  | { readonly kind: 'requires_action'; readonly action?: NextActionType }
  /** Canceled at the provider, by hand or because a hold lapsed: nothing is left there. */
  | {
      readonly kind: 'canceled';
      readonly failure: PaymentFailure;
      /** The merchant's cancel that came before anything was begun. */
      readonly requestId?: string;
    }
  /** The row had ended or was parked before this run: no call was made. */
  | { readonly kind: 'settled'; readonly status: PaymentStatus }
  /** An earlier run began to undo; charging now would race with it. */
  | { readonly kind: 'undo_started' };

/** Asks the provider where the payment stands. */
export interface ReadProviderInput {
  readonly paymentId: string;
}

/** Captures `amountMinor` of the hold; the rest of it is released. */
export interface CaptureInput {
  readonly paymentId: string;
  readonly amountMinor: number;
}

/** What a merchant asked of the payment: the argument of the updates `capture` and `cancel`. */
export interface RequestInput {
  readonly requestId: string;
  /** Minor units; of a capture only. */
  readonly amountMinor?: number;
}

/** Tells that a hold lapses soon. */
export interface HoldNoticeInput {
  readonly paymentId: string;
  readonly captureBefore: string;
  readonly policy: HoldPolicy;
}

/** Closes a merchant's request that came to nothing. */
export interface RefuseRequestInput {
  readonly paymentId: string;
  readonly requestId: string;
  readonly refusal: string;
}

/**
 * How far the release may go. `undo` cancels and refunds. `resolve` only finds out where the money
 * is, canceling intents that hold none, because that fences a confirm still on its way. `inspect`
 * reads and changes nothing, and refuses to report on an intent that can still be charged.
 */
export type ReleaseMode = 'undo' | 'resolve' | 'inspect';

export interface ReleaseInput {
  readonly paymentId: string;
  readonly mode: ReleaseMode;
}

/** Where the money is, in integer minor units. */
export interface FundsReport extends Answered {
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

/** The figures are left as they are stored where they are not given. */
export interface RecordInput extends Answered {
  readonly paymentId: string;
  readonly status:
    'requires_action' | 'authorized' | 'succeeded' | 'failed' | 'canceled' | 'needs_review';
  readonly heldMinor?: number;
  readonly capturedMinor?: number;
  readonly refundedMinor?: number;
  readonly chargeId?: string;
  readonly captureBefore?: string | null;
  readonly action?: NextActionType | null;
  /** The request that led to this; it is closed as done, and any other open one as refused. */
  readonly requestId?: string;
  readonly failure: PaymentFailure | null;
}

/** What came after a payment's saga had ended, or while none was running. */
export interface ApplyFactInput {
  readonly paymentId: string;
  /** The provider's id of the event, or another text that names why the look is taken. */
  readonly cause: string;
}

export interface ApplyFactResult {
  /** As the payment is afterwards. */
  readonly status: PaymentStatus;
  /** The changes, by what they were about; empty when nothing was new. */
  readonly changed: readonly string[];
}

/** How the provider's history of events is read again, against webhooks that never came. */
export interface CatchUpInput {
  /** Without a cursor, how far back to begin. */
  readonly firstLookMs: number;
  /** Read again each time: the list may show an event after younger ones. */
  readonly overlapMs: number;
  /** How much of the history one step reads. */
  readonly windowMs: number;
}

export interface CatchUpResult {
  /** Events that no webhook had brought. */
  readonly added: number;
  readonly isCaughtUp: boolean;
}

export interface SweepInput {
  readonly pendingAfterMs: number;
  readonly processingAfterMs: number;
  readonly waitingAfterMs?: number;
}

export interface SweepResult {
  readonly started: number;
  /** Rows that are open although their saga completed: each is logged as an error. */
  readonly alreadyCompleted: number;
  /** Each is logged as an error, and tried again by the next run. */
  readonly notStarted: number;
  /** Requests, refunds and webhooks that were stored and not delivered. */
  readonly delivered: number;
}

/** The answer of the `getPayment` query. */
export interface SagaView {
  readonly status: PaymentStatus;
  readonly step: SagaStep;
  readonly pendingUndo: readonly string[];
}

export type SagaStep =
  | 'authorizing'
  | 'awaiting_customer'
  | 'holding'
  | 'capturing'
  | 'recording'
  | 'undoing'
  | 'parked'
  | 'ended';

export interface ResolveManuallyInput {
  readonly reason: string;
  /** What was done at the provider, such as a refund's id. */
  readonly providerRef: string;
}

/** The types of the failures that activities throw; workflows and operators tell them apart by these. */
export const faultTypes = {
  providerUnavailable: 'ProviderUnavailable',
  providerRejected: 'ProviderRejected',
  unfinished: 'ProviderUnfinished',
  refundFailed: 'RefundFailed',
  /** Inspected, and found open to be charged. */
  intentOpen: 'IntentOpen',
  storeUnavailable: 'StoreUnavailable',
  storeRefused: 'StoreRefused',
  storeConflict: 'StoreConflict',
  illegalTransition: 'IllegalTransition',
  publishUnavailable: 'PublishUnavailable',
  sagaUnavailable: 'SagaUnavailable',
  paymentNotFound: 'PaymentNotFound',
  refundNotFound: 'RefundNotFound',
  unexpected: 'Unexpected',
} as const;

export type FaultType = (typeof faultTypes)[keyof typeof faultTypes];

/** Failure codes that the saga itself gives; declines carry the provider's codes. */
export const failureCodes = {
  authenticationRequired: 'authentication_required',
  providerUnavailable: 'provider_unavailable',
  providerRejected: 'provider_rejected',
  processingFailed: 'processing_failed',
  recordingFailed: 'recording_failed',
  canceledAtProvider: 'canceled_at_provider',
  interrupted: 'interrupted',
  resolvedManually: 'resolved_manually',
  canceledOnRequest: 'canceled_on_request',
  authenticationAbandoned: 'authentication_abandoned',
  confirmationAbandoned: 'confirmation_abandoned',
  holdExpired: 'hold_expired',
  holdVoided: 'hold_voided',
  captureFailed: 'capture_failed',
  moneyCameLate: 'money_came_late',
  refundFailedLate: 'refund_failed_late',
} as const;
