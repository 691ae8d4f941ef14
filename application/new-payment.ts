import type { FeatureFlags } from '../contracts/flags';
import { paymentEvent, processPaymentCommand } from '../contracts/messages';
import type { PaymentEventData } from '../contracts/messages';
import type { PaymentRequest } from '../contracts/payment-request';
import { exchanges, routingKeys } from '../contracts/topology';
import { paymentEventTypes } from '../domain/payment-states';
import { messageHeaders } from './ports/message-headers';
import type { OutboxMessage } from './ports/payment-intake';
import type { PaymentRecord } from './ports/payment-reader';
import type { IdSource } from './ports/system';

export interface NewPaymentInput {
  readonly merchantId: string;
  readonly request: PaymentRequest;
  readonly flags: FeatureFlags;
  readonly traceparent: string | null;
  readonly now: Date;
  readonly ids: IdSource;
}

/** A payment at its birth; the flags are read here once and go with it from now on. */
export function newPayment({ request, now, ids, ...given }: NewPaymentInput): PaymentRecord {
  return {
    id: `pay_${ids.uuid().replaceAll('-', '')}`,
    merchantId: given.merchantId,
    status: 'pending',
    version: 1,
    amountMinor: request.amount,
    heldMinor: 0,
    capturedMinor: 0,
    refundedMinor: 0,
    currency: request.currency,
    paymentMethod: request.payment_method,
    captureMethod: request.capture_method,
    confirmation: request.confirm,
    customer: request.customer,
    offSession: request.off_session,
    setupFutureUsage: request.setup_future_usage,
    returnUrl: request.return_url,
    holdPolicy: request.hold_policy,
    captureBefore: null,
    reference: request.reference,
    oncePerReference: request.once_per_reference,
    description: request.description,
    metadata: request.metadata,
    flags: given.flags,
    failure: null,
    traceparent: given.traceparent,
    intentId: null,
    actionType: null,
    openRequest: null,
    refunds: [],
    disputes: [],
    createdAt: now,
    updatedAt: now,
  };
}

/** The facts that the event of the first transition tells. */
export function acceptedEventData(payment: PaymentRecord): PaymentEventData {
  return {
    payment_id: payment.id,
    merchant_id: payment.merchantId,
    status: payment.status,
    amount: payment.amountMinor,
    amount_capturable: 0,
    amount_captured: 0,
    amount_refunded: 0,
    currency: payment.currency,
    reference: payment.reference,
    failure: null,
  };
}

/** The messages of an accepted payment in their order: the event and, when asynchronous, the command. */
export function acceptanceMessages(input: {
  readonly payment: PaymentRecord;
  readonly eventId: string;
  readonly commandId: string;
  readonly idempotencyKey: string;
}): OutboxMessage[] {
  const event = eventMessage(input.payment, input.eventId);
  return input.payment.flags.asyncCommands ? [event, commandMessage(input)] : [event];
}

function eventMessage(payment: PaymentRecord, id: string): OutboxMessage {
  const type = paymentEventTypes.pending;
  return {
    id,
    type,
    exchange: exchanges.events,
    routingKey: type,
    payload: paymentEvent({
      id,
      type,
      version: payment.version,
      occurredAt: payment.createdAt,
      traceparent: payment.traceparent,
      data: acceptedEventData(payment),
    }),
    headers: messageHeaders(payment),
    aggregateVersion: payment.version,
  };
}

function commandMessage(input: {
  readonly payment: PaymentRecord;
  readonly commandId: string;
  readonly idempotencyKey: string;
}): OutboxMessage {
  const { payment, commandId: id } = input;
  const command = processPaymentCommand({
    id,
    occurredAt: payment.createdAt,
    traceparent: payment.traceparent,
    data: {
      payment_id: payment.id,
      merchant_id: payment.merchantId,
      amount: payment.amountMinor,
      currency: payment.currency,
      idempotency_key: input.idempotencyKey,
      flags: payment.flags,
    },
  });
  return {
    id,
    type: command.type,
    exchange: exchanges.commands,
    routingKey: routingKeys.processPayment,
    payload: command,
    headers: messageHeaders(payment),
    aggregateVersion: null,
  };
}
