import type { PaymentStatus } from '../domain/payment-states';
import type { FeatureFlags } from './flags';

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
}

/** What the provider said. Outages are not answers: they are thrown. */
export type AuthorizeResult =
  | { readonly kind: 'captured'; readonly capturedMinor: number; readonly chargeId: string | null }
  | { readonly kind: 'declined'; readonly failure: PaymentFailure }
  | { readonly kind: 'requires_action' }
  /** The row had ended or was parked before this run: no call was made. */
  | { readonly kind: 'settled'; readonly status: PaymentStatus }
  /** An earlier run began to undo; charging now would race with it. */
  | { readonly kind: 'undo_started' };

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
export interface FundsReport {
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

/** The figures are left as they are stored where they are not given. */
export interface RecordInput {
  readonly paymentId: string;
  readonly status: 'succeeded' | 'failed' | 'canceled' | 'needs_review';
  readonly capturedMinor?: number;
  readonly refundedMinor?: number;
  readonly chargeId?: string;
  readonly failure: PaymentFailure | null;
}

export interface SweepInput {
  readonly pendingAfterMs: number;
  readonly processingAfterMs: number;
}

export interface SweepResult {
  readonly started: number;
  /** Rows that are open although their saga completed: each is logged as an error. */
  readonly alreadyCompleted: number;
  /** Each is logged as an error, and tried again by the next run. */
  readonly notStarted: number;
}

/** The answer of the `getPayment` query. */
export interface SagaView {
  readonly status: PaymentStatus;
  readonly step: SagaStep;
  readonly pendingUndo: readonly string[];
}

export type SagaStep = 'authorizing' | 'recording' | 'undoing' | 'parked' | 'ended';

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
} as const;
