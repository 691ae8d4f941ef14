import type { PaymentEventType, PaymentStatus } from '../domain/payment-states';
import type { FeatureFlags } from './flags';

/** A CloudEvents 1.0 envelope in structured JSON (source: cloudevents.io, spec 1.0.2). */
export interface CloudEvent<Type extends string, Data> {
  readonly specversion: '1.0';
  /** The outbox id; repeated in the AMQP messageId. */
  readonly id: string;
  readonly source: '/paysaga/payments';
  readonly type: Type;
  /** The payment id. */
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

export const processPaymentCommandType = 'payment.commands.process.v1';

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

interface ProcessPaymentCommandInput {
  readonly id: string;
  readonly occurredAt: Date;
  readonly traceparent: string | null;
  readonly data: ProcessPaymentCommandData;
}

/** The envelope of the command that starts the saga. */
export function processPaymentCommand(input: ProcessPaymentCommandInput): ProcessPaymentCommand {
  return {
    ...envelope({ ...input, subject: input.data.payment_id }),
    type: processPaymentCommandType,
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
