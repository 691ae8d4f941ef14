import { randomUUID } from 'node:crypto';
import { messageHeaders } from '../../application/ports/message-headers';
import { requestKey } from '../../application/ports/saga-store';
import type { SagaPayment, StatusChange } from '../../application/ports/saga-store';
import { paymentEvent } from '../../contracts/messages';
import type { PaymentEvent, PaymentEventData } from '../../contracts/messages';
import { exchanges } from '../../contracts/topology';
import { isLegalTransition, paymentEventTypes, statusesBefore } from '../../domain/payment-states';
import { DomainError } from '../../domain/errors';
import type { PrismaClient } from '../../generated/prisma/client';

/** The payment as the change leaves it. */
interface Changed {
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly failure: SagaPayment['failure'];
}

/**
 * Changes the status of a payment: the only statement that does. Compares the version that was
 * read, so that of two writers one gets `false` and reads again.
 * @throws DomainError `illegal_transition`, and whatever Postgres throws
 */
export async function applyTransition(
  prisma: PrismaClient,
  change: StatusChange,
): Promise<boolean> {
  const { payment, to } = change;
  if (!isLegalTransition(payment.status, to)) {
    throw new DomainError('illegal_transition', `${payment.status} does not lead to ${to}`);
  }
  const changed = changedFigures(change);
  const event = eventOf(change, changed);
  // The payment is updated first and its outbox row selected from that update: the row's seq is
  // then drawn under the payment's lock, and events of one payment are ordered by seq.
  const rows = await prisma.$queryRaw<{ applied: number }[]>`
    WITH updated AS (
      UPDATE payments SET
        status = ${to}::text, version = version + 1, updated_at = clock_timestamp(),
        captured_minor = ${changed.capturedMinor}::bigint,
        refunded_minor = ${changed.refundedMinor}::bigint,
        provider_charge_id = coalesce(${change.chargeId ?? null}::text, provider_charge_id),
        failure_code = ${changed.failure?.code ?? null}::text,
        decline_code = ${changed.failure?.declineCode ?? null}::text,
        failure_message = ${changed.failure?.message ?? null}::text
      WHERE id = ${payment.paymentId}::text AND version = ${payment.version}::integer
        AND status = ANY(${statusesBefore(to)}::text[])
      RETURNING id, version
    ), recorded AS (
      INSERT INTO payment_transitions
        (payment_id, version, from_status, to_status, event_id, event_type, event_data, created_at)
      SELECT id, version, ${payment.status}::text, ${to}::text, ${event.id}::uuid,
        ${event.type}::text, ${JSON.stringify(event.data)}::jsonb, ${event.time}::timestamptz
      FROM updated
    ), requested AS (
      INSERT INTO provider_requests (payment_id, operation, attempt_number, idempotency_key, params)
      SELECT updated.id, r.operation, r.attempt_number, r.idempotency_key, r.params
      FROM updated, jsonb_to_recordset(${requestRows(change)}::jsonb)
        AS r(operation text, attempt_number integer, idempotency_key text, params jsonb)
    ), queued AS (
      INSERT INTO outbox_events
        (id, aggregate_id, aggregate_version, type, exchange, routing_key, payload, headers)
      SELECT ${event.id}::uuid, id, version, ${event.type}::text, ${exchanges.events}::text,
        ${event.type}::text, ${JSON.stringify(event)}::jsonb,
        ${JSON.stringify(messageHeaders(payment))}::jsonb
      FROM updated WHERE ${payment.flags.outboxPattern}::boolean
    )
    SELECT count(*)::integer AS applied FROM updated`;
  return rows[0]?.applied === 1;
}

function changedFigures(change: StatusChange): Changed {
  return {
    capturedMinor: change.capturedMinor ?? change.payment.capturedMinor,
    refundedMinor: change.refundedMinor ?? change.payment.refundedMinor,
    failure: change.failure === undefined ? change.payment.failure : change.failure,
  };
}

function eventOf({ payment, to }: StatusChange, changed: Changed): PaymentEvent {
  const data: PaymentEventData = {
    payment_id: payment.paymentId,
    merchant_id: payment.merchantId,
    status: to,
    amount: payment.amountMinor,
    amount_captured: changed.capturedMinor,
    amount_refunded: changed.refundedMinor,
    currency: payment.currency,
    reference: payment.reference,
    failure: changed.failure && {
      code: changed.failure.code,
      decline_code: changed.failure.declineCode,
      message: changed.failure.message,
    },
  };
  return paymentEvent({
    id: randomUUID(),
    type: paymentEventTypes[to],
    version: payment.version + 1,
    occurredAt: new Date(),
    traceparent: payment.traceparent,
    data,
  });
}

function requestRows({ payment, requests = [] }: StatusChange): string {
  return JSON.stringify(
    requests.map((request) => ({
      operation: request.operation,
      attempt_number: request.attemptNumber,
      idempotency_key: requestKey(payment.paymentId, request),
      params: request.params,
    })),
  );
}
