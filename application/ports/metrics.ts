import type { CleanedTable } from '../../contracts/janitor';
import type { FaultType } from '../../contracts/saga';
import type { PaymentStatus } from '../../domain/payment-states';
import type { ProviderErrorKind } from './payment-provider';
import type { RefundReason } from './refund-store';
import { newsOutcomes } from './provider-webhooks';

/**
 * What the rooms tell of their work, in their own words. How it is counted, named and shown is the
 * adapter's business. Nothing here may name a payment: each value of a label is a time series.
 * Methods never throw, and cost microseconds: the relay calls them for every message.
 */
export interface RelayMetrics {
  /** The broker has the message; `waitMs` is the time since its row was written. */
  confirmed(message: { readonly type: string; readonly waitMs: number }): void;
  /** The broker said no; the row is tried again later. */
  refused(type: string): void;
  /** The broker said no for the last time. */
  dead(type: string): void;
  /** The broker gave a message back, because no queue of that exchange takes it. */
  returned(exchange: string): void;
  /** Sending stopped because the broker was away or blocked. */
  interrupted(): void;
}

export const stepNames = [
  'authorizePayment',
  'capturePayment',
  'readProvider',
  'releaseFunds',
  'recordOutcome',
  'sendRefund',
  'readRefund',
  'applyFact',
] as const;

export type StepName = (typeof stepNames)[number];

/** `retry`: Temporal runs the step again, within its budget. `final`: the workflow decides. */
export type StepResult = 'done' | 'retry' | 'final';

export interface SagaMetrics {
  stepEnded(step: {
    readonly step: StepName;
    readonly result: StepResult;
    /** Null when the step is done. */
    readonly fault: FaultType | 'other' | null;
    /** 1 for the first; every further one is a retry. */
    readonly attempt: number;
    readonly durationMs: number;
  }): void;
  /** A status that ends the saga, or parks it, was written. */
  paymentEnded(payment: {
    readonly status: PaymentStatus;
    readonly failureCode: string | null;
    readonly currency: string;
    /** By how much the payment's figures rose, in minor units. */
    readonly capturedMinor: number;
    readonly refundedMinor: number;
  }): void;
  /** An undo came to its end: money was given back, or none had to be. */
  compensated(result: CompensationResult): void;
  /** A refund came to an end, or to an operator. */
  refundEnded(refund: {
    readonly reason: RefundReason;
    readonly result: RefundResult;
    readonly currency: string;
    /** By how much the payment's figure rose, in minor units. */
    readonly refundedMinor: number;
  }): void;
}

export const compensationResults = ['refunded', 'released'] as const;
export type CompensationResult = (typeof compensationResults)[number];

/** `reversed`: it had succeeded, and failed later. `parked`: nobody knows, an operator decides. */
export const refundResults = ['succeeded', 'failed', 'canceled', 'reversed', 'parked'] as const;
export type RefundResult = (typeof refundResults)[number];

export type ProviderCallName =
  | 'create_intent'
  | 'confirm_intent'
  | 'capture_intent'
  | 'cancel_intent'
  | 'retrieve_intent'
  | 'create_refund'
  | 'retrieve_refund'
  | 'list_refunds'
  | 'list_disputes'
  | 'list_events';

export type ProviderCallResult = 'ok' | 'declined' | ProviderErrorKind | 'other';

export interface ProviderMetrics {
  called(call: {
    readonly operation: ProviderCallName;
    readonly result: ProviderCallResult;
    readonly durationMs: number;
  }): void;
}

/**
 * `kept`: Temporal or the database is away. `rejected`: poison, now in the dead-letter queue.
 * `done`: what was asked of a running saga, a refund or a webhook is in good hands.
 */
export const commandResults = ['started', 'already_completed', 'done', 'kept', 'rejected'] as const;

export type CommandResult = (typeof commandResults)[number];

/** What became of an event of the provider; `lost` names a payment of ours that does not exist. */
export const providerEventResults = [...newsOutcomes, 'lost'] as const;

export type ProviderEventResult = (typeof providerEventResults)[number];

export interface ProviderEventMetrics {
  applied(result: ProviderEventResult, count?: number): void;
  /** Events that no webhook had brought. */
  caughtUp(count: number): void;
}

export interface CommandMetrics {
  handled(command: {
    readonly result: CommandResult;
    readonly redelivered: boolean;
    readonly durationMs: number;
  }): void;
}

export interface JanitorMetrics {
  deleted(table: CleanedTable, rows: number): void;
}
