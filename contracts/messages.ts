import type { PaymentFactType } from '../domain/payment-facts';
import type { PaymentEventType, PaymentStatus } from '../domain/payment-states';
import type { DriftType } from '../domain/reconciliation';
import type { RefundStatus } from '../domain/refund-states';
import type { FeatureFlags } from './flags';

/** A CloudEvents 1.0 envelope in structured JSON (source: cloudevents.io, spec 1.0.2). */
export interface CloudEvent<Type extends string, Data> {
  readonly specversion: '1.0';
  /** The outbox id; repeated in the AMQP messageId. */
  readonly id: string;
  readonly source: '/paysaga/payments';
  readonly type: Type;
  /** The payment id; of a command about a webhook, the id that the provider gave it. */
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** The payment id: messages with the same key are published in order. */
  readonly partitionkey: string;
  /** The payment's version in decimal, on events only: a consumer that counts sees no gaps. */
  readonly sequence?: string;
  /** W3C trace context of the request that caused the message. */
  readonly traceparent?: string;
  readonly data: Data;
}

/** Amounts are integer minor units of `currency`. */
export interface PaymentEventData {
  readonly payment_id: string;
  readonly merchant_id: string;
  readonly status: PaymentStatus;
  readonly amount: number;
  /** Held on the card; absent in events from before payments could be held. */
  readonly amount_capturable?: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly reference: string | null;
  readonly failure: {
    readonly code: string;
    readonly decline_code: string | null;
    readonly message: string;
  } | null;
}

export type PaymentEvent = CloudEvent<PaymentEventType, PaymentEventData>;

/** What happened beside the status. The figures of the payment are those after it happened. */
export interface PaymentFactData extends PaymentEventData {
  /** On `refund.*` events. */
  readonly refund?: {
    readonly id: string;
    readonly amount: number;
    readonly status: RefundStatus;
    readonly reason: 'compensation' | 'requested_by_merchant' | 'made_at_provider';
    readonly failure_code: string | null;
  };
  /** On `payment.dispute_*` events. */
  readonly dispute?: {
    readonly id: string;
    readonly amount: number;
    readonly status: string;
    readonly reason: string;
  };
  /** On `payment.hold_expiring.v1`; RFC 3339. */
  readonly hold?: { readonly capture_before: string; readonly policy: string };
}

export type PaymentFact = CloudEvent<PaymentFactType, PaymentFactData>;

export const driftFoundEventType = 'reconciliation.drift_found.v1';

/** That a reconciliation found our records and the provider's to differ. The run is the subject. */
export interface DriftFoundData {
  readonly run_id: string;
  /** RFC 3339; what was made from here on, and before the other, was compared. */
  readonly window_from: string;
  readonly window_to: string;
  readonly found: number;
  /** How many of them were gone at the end of the run, because our records were corrected. */
  readonly repaired: number;
  /** How many were found, by type; types of which there was none are left out. */
  readonly by_type: Readonly<Partial<Record<DriftType, number>>>;
}

export type DriftFoundEvent = CloudEvent<typeof driftFoundEventType, DriftFoundData>;

export const processPaymentCommandType = 'payment.commands.process.v1';
export const deliverRequestCommandType = 'payment.commands.deliver_request.v1';
export const refundCommandType = 'payment.commands.refund.v1';
export const applyEventCommandType = 'payment.commands.apply_provider_event.v1';

/** Asks the command worker to start the saga of an accepted payment. */
export interface ProcessPaymentCommandData {
  readonly payment_id: string;
  readonly merchant_id: string;
  /** Integer minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  readonly idempotency_key: string;
  readonly flags: FeatureFlags;
}

export type ProcessPaymentCommand = CloudEvent<
  typeof processPaymentCommandType,
  ProcessPaymentCommandData
>;

/** Hands a stored capture or cancel to the payment's saga. */
export interface DeliverRequestCommandData {
  readonly payment_id: string;
  readonly request_id: string;
}

export type DeliverRequestCommand = CloudEvent<
  typeof deliverRequestCommandType,
  DeliverRequestCommandData
>;

/** Starts the saga of a stored refund. */
export interface RefundCommandData {
  readonly payment_id: string;
  readonly refund_id: string;
}

export type RefundCommand = CloudEvent<typeof refundCommandType, RefundCommandData>;

/** Applies a stored webhook. */
export interface ApplyEventCommandData {
  readonly event_id: string;
}

export type ApplyEventCommand = CloudEvent<typeof applyEventCommandType, ApplyEventCommandData>;

/** Everything that the queue `payment.commands.process` carries. */
export type Command =
  ProcessPaymentCommand | DeliverRequestCommand | RefundCommand | ApplyEventCommand;

interface PaymentEventInput {
  readonly id: string;
  readonly type: PaymentEventType;
  readonly version: number;
  readonly occurredAt: Date;
  readonly traceparent: string | null;
  readonly data: PaymentEventData;
}

/** The envelope of one status change; the same input always gives the same event. */
export function paymentEvent(input: PaymentEventInput): PaymentEvent {
  return {
    ...envelope({ ...input, subject: input.data.payment_id }),
    type: input.type,
    sequence: String(input.version),
    data: input.data,
  };
}

/** The envelope of a fact; the same input always gives the same event. */
export function paymentFact(input: MessageInput<PaymentFactData> & FactOrder): PaymentFact {
  return {
    ...envelope({ ...input, subject: input.data.payment_id }),
    type: input.type,
    sequence: String(input.version),
    data: input.data,
  };
}

/** The envelope of what a reconciliation found. */
export function reconciliationDriftFound(input: MessageInput<DriftFoundData>): DriftFoundEvent {
  return {
    ...envelope({ ...input, subject: input.data.run_id }),
    type: driftFoundEventType,
    sequence: '1',
    data: input.data,
  };
}

interface FactOrder {
  readonly type: PaymentFactType;
  readonly version: number;
}

interface MessageInput<Data> {
  readonly id: string;
  readonly occurredAt: Date;
  readonly traceparent: string | null;
  readonly data: Data;
}

/** The envelope of the command that starts the saga. */
export function processPaymentCommand(
  input: MessageInput<ProcessPaymentCommandData>,
): ProcessPaymentCommand {
  return {
    ...envelope({ ...input, subject: input.data.payment_id }),
    type: processPaymentCommandType,
    data: input.data,
  };
}

/** The envelope of the command that hands a stored request to the saga. */
export function deliverRequestCommand(
  input: MessageInput<DeliverRequestCommandData>,
): DeliverRequestCommand {
  return {
    ...envelope({ ...input, subject: input.data.payment_id }),
    type: deliverRequestCommandType,
    data: input.data,
  };
}

/** The envelope of the command that starts a refund's saga. */
export function refundCommand(input: MessageInput<RefundCommandData>): RefundCommand {
  return {
    ...envelope({ ...input, subject: input.data.payment_id }),
    type: refundCommandType,
    data: input.data,
  };
}

/** The envelope of the command that applies a stored webhook. */
export function applyEventCommand(input: MessageInput<ApplyEventCommandData>): ApplyEventCommand {
  return {
    ...envelope({ ...input, subject: input.data.event_id }),
    type: applyEventCommandType,
    data: input.data,
  };
}

function envelope(input: {
  readonly id: string;
  readonly occurredAt: Date;
  readonly traceparent: string | null;
  readonly subject: string;
}) {
  return {
    specversion: '1.0' as const,
    id: input.id,
    source: '/paysaga/payments' as const,
    subject: input.subject,
    time: input.occurredAt.toISOString(),
    datacontenttype: 'application/json' as const,
    partitionkey: input.subject,
    ...(input.traceparent === null ? {} : { traceparent: input.traceparent }),
  };
}
