import type {
  Acceptance,
  OutboxMessage,
  PaymentIntake,
} from '../../application/ports/payment-intake';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';
import { markTransitionPublished } from './unpublished-events';

/** Writes accepted payments. */
export function createPaymentIntake(prisma: PrismaClient): PaymentIntake {
  return {
    accept: (acceptance) => available('accept a payment', () => accept(prisma, acceptance)),
    markEventPublished: (eventId) =>
      available('note a publish', () => markTransitionPublished(prisma, eventId)),
  };
}

/**
 * One statement, so that it is one round trip and all or nothing. The key goes first: when it is
 * taken, each later part selects from an empty result and writes nothing. A request that holds
 * the same key uncommitted makes this one wait for its end. Outbox rows come last, as everywhere:
 * their seq is then assigned under the payment's lock.
 * Crash points: before the commit nothing exists; after it, a repeat finds the key and its answer.
 */
async function accept(prisma: PrismaClient, acceptance: Acceptance): Promise<boolean> {
  const { payment, event, outbox, idempotency } = acceptance;
  const { scope, answer } = idempotency;
  const createdAt = payment.createdAt.toISOString();
  const rows = await prisma.$queryRaw<{ accepted: number }[]>`
    WITH key AS (
      INSERT INTO idempotency_keys (merchant_id, method, path, key, body_sha256, status_code,
        response_headers, response_body, payment_id, locked_until)
      VALUES (${scope.merchantId}::text, ${scope.method}::text, ${scope.path}::text,
        ${scope.key}::text, ${idempotency.bodySha256}::text, ${answer.statusCode}::integer,
        ${JSON.stringify(answer.headers)}::jsonb, ${answer.body}::text, ${payment.id}::text,
        clock_timestamp() + ${idempotency.lockMs}::float8 * interval '1 ms')
      ON CONFLICT DO NOTHING
      RETURNING merchant_id
    ), payment AS (
      INSERT INTO payments (id, merchant_id, status, version, amount_minor, currency,
        payment_method, capture_method, reference, description, metadata, flags, traceparent,
        created_at)
      SELECT ${payment.id}::text, merchant_id, ${payment.status}::text, ${payment.version}::integer,
        ${payment.amountMinor}::bigint, ${payment.currency}::text, ${payment.paymentMethod}::text,
        ${payment.captureMethod}::text, ${payment.reference}::text, ${payment.description}::text,
        ${JSON.stringify(payment.metadata)}::jsonb, ${JSON.stringify(payment.flags)}::jsonb,
        ${payment.traceparent}::text, ${createdAt}::timestamptz
      FROM key
      RETURNING id, status, version
    ), transition AS (
      INSERT INTO payment_transitions (payment_id, version, to_status, event_id, event_type,
        event_data, created_at)
      SELECT id, version, status, ${event.id}::uuid, ${event.type}::text,
        ${JSON.stringify(event.data)}::jsonb, ${createdAt}::timestamptz
      FROM payment
      RETURNING payment_id
    ), messages AS (
      INSERT INTO outbox_events (id, aggregate_id, aggregate_version, type, exchange, routing_key,
        payload, headers)
      SELECT message.id, transition.payment_id, message.aggregate_version, message.type,
        message.exchange, message.routing_key, message.payload, message.headers
      FROM transition, jsonb_to_recordset(${outboxRows(outbox)}::jsonb) AS message(
        place integer, id uuid, aggregate_version integer, type text, exchange text,
        routing_key text, payload jsonb, headers jsonb)
      ORDER BY message.place
    )
    SELECT count(*)::integer AS accepted FROM payment`;
  return rows[0]?.accepted === 1;
}

function outboxRows(messages: readonly OutboxMessage[]): string {
  return JSON.stringify(
    messages.map((message, place) => ({
      place,
      id: message.id,
      aggregate_version: message.aggregateVersion,
      type: message.type,
      exchange: message.exchange,
      routing_key: message.routingKey,
      payload: message.payload,
      headers: message.headers,
    })),
  );
}
