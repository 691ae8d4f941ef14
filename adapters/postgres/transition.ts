import { randomUUID } from 'node:crypto';
import { messageHeaders } from '../../application/ports/message-headers';
import { requestKey } from '../../application/ports/saga-store';
import type { SagaPayment, StatusChange } from '../../application/ports/saga-store';
import { paymentEvent } from '../../contracts/messages';
import type { PaymentEvent, PaymentEventData } from '../../contracts/messages';
import { exchanges } from '../../contracts/topology';
import { DomainError } from '../../domain/errors';
import type { Figures } from '../../domain/ledger';
import {
  isLegalTransition,
  isSettled,
  paymentEventTypes,
  statusesBefore,
} from '../../domain/payment-states';
import { Prisma } from '../../generated/prisma/client';
import type { Sql } from './client';
import { ledgerRows } from './ledger-rows';
import { noteAnswers } from './provider-requests';

/** The payment as the change leaves it. */
interface Changed extends Figures {
  readonly failure: SagaPayment['failure'];
}

/**
 * Changes the status of a payment: the only statement that does, and its books, its request and its
 * event with it. Compares the version that was read, so that of two writers one gets `false` and
 * reads again.
 * @throws DomainError `illegal_transition`, and whatever Postgres throws
 */
export async function applyTransition(prisma: Sql, change: StatusChange): Promise<boolean> {
  const { payment, to } = change;
  if (!isLegalTransition(payment.status, to)) {
    throw new DomainError('illegal_transition', `${payment.status} does not lead to ${to}`);
  }
  const changed = changedFigures(change);
  const event = eventOf(change, changed);
  const requestId = change.requestId ?? null;
  // Also what was asked for and done by another way: a cancel or capture at the provider itself.
  const cameTrue = Prisma.sql`(q.id = ${requestId}::text
    OR (q.kind = 'cancel' AND ${to}::text = 'canceled')
    OR (q.kind = 'capture' AND ${to}::text = 'succeeded'
      AND q.amount_minor = ${changed.capturedMinor}::bigint))`;
  // The payment is updated first and its outbox row selected from that update: the row's seq is
  // then drawn under the payment's lock, and events of one payment are ordered by seq.
  const rows = await prisma.$queryRaw<{ applied: number }[]>`
    WITH updated AS (
      UPDATE payments SET
        status = ${to}::text, version = version + 1, booked_version = version + 1,
        updated_at = clock_timestamp(),
        held_minor = ${changed.heldMinor}::bigint,
        captured_minor = ${changed.capturedMinor}::bigint,
        refunded_minor = ${changed.refundedMinor}::bigint,
        provider_charge_id = coalesce(${change.chargeId ?? null}::text, provider_charge_id),
        action_type = ${change.action ?? null}::text,
        capture_before = ${change.captureBefore ?? null}::timestamptz,
        live_reference = CASE WHEN ${endsForGood(to)}::boolean THEN NULL ELSE live_reference END,
        failure_code = ${changed.failure?.code ?? null}::text,
        decline_code = ${changed.failure?.declineCode ?? null}::text,
        failure_message = ${changed.failure?.message ?? null}::text
      WHERE id = ${payment.paymentId}::text AND version = ${payment.version}::integer
        AND status = ANY(${statusesBefore(to)}::text[])
      RETURNING id, version, currency
    ), recorded AS (
      INSERT INTO payment_transitions
        (payment_id, version, from_status, to_status, event_id, event_type, event_data, created_at)
      SELECT id, version, ${payment.status}::text, ${to}::text, ${event.id}::uuid,
        ${event.type}::text, ${JSON.stringify(event.data)}::jsonb, ${event.time}::timestamptz
      FROM updated
    ), posted AS (
      INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
      SELECT updated.id, updated.version, l.account, l.amount_minor, updated.currency
      FROM updated, jsonb_to_recordset(${ledgerRows(payment, changed)}::jsonb)
        AS l(account text, amount_minor bigint)
    ), requested AS (
      INSERT INTO provider_requests (payment_id, operation, attempt_number, idempotency_key, params)
      SELECT updated.id, r.operation, r.attempt_number, r.idempotency_key, r.params
      FROM updated, jsonb_to_recordset(${requestRows(change)}::jsonb)
        AS r(operation text, attempt_number integer, idempotency_key text, params jsonb)
    ), ${noteAnswers(change)}, answered AS (
      UPDATE payment_requests q SET closed_at = clock_timestamp(),
        state = CASE WHEN ${cameTrue} THEN 'done' ELSE 'refused' END,
        refusal = CASE WHEN ${cameTrue} THEN NULL ELSE ${refusalBy(to)}::text END
      FROM updated
      WHERE q.payment_id = updated.id AND q.state = 'open'
        AND (q.id = ${requestId}::text OR ${isSettled(to)}::boolean)
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

/** Whether another payment may be made for the same reference. */
function endsForGood(to: StatusChange['to']): boolean {
  return to === 'failed' || to === 'canceled';
}

function refusalBy(to: StatusChange['to']): string {
  return `the payment has become ${to}`;
}

function changedFigures(change: StatusChange): Changed {
  const { payment } = change;
  return {
    heldMinor: change.heldMinor ?? payment.heldMinor,
    capturedMinor: change.capturedMinor ?? payment.capturedMinor,
    refundedMinor: change.refundedMinor ?? payment.refundedMinor,
    failure: change.failure === undefined ? payment.failure : change.failure,
  };
}

function eventOf({ payment, to }: StatusChange, changed: Changed): PaymentEvent {
  return paymentEvent({
    id: randomUUID(),
    type: paymentEventTypes[to],
    version: payment.version + 1,
    occurredAt: new Date(),
    traceparent: payment.traceparent,
    data: eventData({ ...payment, ...changed, status: to }),
  });
}

/** What every event tells of its payment, as it stands after what the event is about. */
export function eventData(payment: SagaPayment): PaymentEventData {
  return {
    payment_id: payment.paymentId,
    merchant_id: payment.merchantId,
    status: payment.status,
    amount: payment.amountMinor,
    amount_capturable: payment.heldMinor,
    amount_captured: payment.capturedMinor,
    amount_refunded: payment.refundedMinor,
    currency: payment.currency,
    reference: payment.reference,
    failure: payment.failure && {
      code: payment.failure.code,
      decline_code: payment.failure.declineCode,
      message: payment.failure.message,
    },
  };
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
