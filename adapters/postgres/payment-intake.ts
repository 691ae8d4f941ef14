import type {
  Acceptance,
  IntakeOutcome,
  PaymentIntake,
} from '../../application/ports/payment-intake';
import { DependencyUnavailable } from '../../application/ports/availability';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';
import { insertMessages } from './outbox-messages';
import { sqlState } from './store-errors';
import { markEventPublished } from './unpublished-events';

const uniqueViolation = '23505';

/** Writes accepted payments. */
export function createPaymentIntake(prisma: PrismaClient): PaymentIntake {
  return {
    accept: (acceptance) => available('accept a payment', () => accept(prisma, acceptance)),
    markEventPublished: (eventId) =>
      available('note a publish', () => markEventPublished(prisma, eventId)),
  };
}

/** A reference that is taken makes the statement fail whole, its key with it. */
async function accept(prisma: PrismaClient, acceptance: Acceptance): Promise<IntakeOutcome> {
  try {
    return await write(prisma, acceptance);
  } catch (error) {
    if (sqlState(error) !== uniqueViolation) throw error;
    const { merchantId, reference } = acceptance.payment;
    const taken = await prisma.payment.findFirst({
      where: { merchantId, liveReference: reference },
      select: { id: true },
    });
    // It has ended since: the same request, sent again, is accepted.
    if (taken === null) throw new DependencyUnavailable('the reference', { cause: error });
    return { kind: 'reference_taken', paymentId: taken.id };
  }
}

/**
 * One statement, so that it is one round trip and all or nothing. The key goes first: when it is
 * taken, each later part selects from an empty result and writes nothing. A request that holds
 * the same key uncommitted makes this one wait for its end. Outbox rows come last, as everywhere:
 * their seq is then assigned under the payment's lock.
 * Crash points: before the commit nothing exists; after it, a repeat finds the key and its answer.
 */
async function write(prisma: PrismaClient, acceptance: Acceptance): Promise<IntakeOutcome> {
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
        payment_method, capture_method, confirmation, customer, off_session, setup_future_usage,
        return_url, hold_policy, reference, once_per_reference, live_reference, description,
        metadata, flags, traceparent, created_at)
      SELECT ${payment.id}::text, merchant_id, ${payment.status}::text, ${payment.version}::integer,
        ${payment.amountMinor}::bigint, ${payment.currency}::text, ${payment.paymentMethod}::text,
        ${payment.captureMethod}::text, ${payment.confirmation}::text, ${payment.customer}::text,
        ${payment.offSession}::boolean, ${payment.setupFutureUsage}::text,
        ${payment.returnUrl}::text, ${payment.holdPolicy}::text, ${payment.reference}::text,
        ${payment.oncePerReference}::boolean,
        ${payment.oncePerReference ? payment.reference : null}::text, ${payment.description}::text,
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
      ${insertMessages(Prisma.sql`(SELECT payment_id AS id FROM transition) AS subject`, outbox)}
    )
    SELECT count(*)::integer AS accepted FROM payment`;
  return { kind: rows[0]?.accepted === 1 ? 'accepted' : 'key_taken' };
}
