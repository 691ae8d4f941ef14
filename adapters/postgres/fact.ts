import { randomUUID } from 'node:crypto';
import { messageHeaders } from '../../application/ports/message-headers';
import type { FactNote, SagaPayment } from '../../application/ports/saga-store';
import { paymentFact } from '../../contracts/messages';
import type { PaymentFact } from '../../contracts/messages';
import { exchanges } from '../../contracts/topology';
import { Prisma } from '../../generated/prisma/client';
import type { Sql } from './client';
import { eventData } from './transition';

/**
 * Notes what happened to a payment beside its status. Compares the version that was read, as every
 * change of a payment does, so that events of one payment are numbered without a gap.
 * @returns false when the row has moved on; true also when `once` found the fact already noted
 */
export async function noteFact(prisma: Sql, note: FactNote): Promise<boolean> {
  const { payment } = note;
  const fact = factOf(payment, note);
  const rows = await prisma.$queryRaw<{ noted: boolean }[]>`
    WITH known AS (
      SELECT 1 FROM payment_facts
      WHERE payment_id = ${payment.paymentId}::text AND event_type = ${note.type}::text
        AND ${note.once ?? false}::boolean
    ), updated AS (
      UPDATE payments SET version = version + 1, updated_at = clock_timestamp()
      WHERE id = ${payment.paymentId}::text AND version = ${payment.version}::integer
        AND NOT EXISTS (SELECT 1 FROM known)
      RETURNING id, version
    ), ${factParts(payment, fact)}
    SELECT EXISTS (SELECT 1 FROM updated) OR EXISTS (SELECT 1 FROM known) AS noted`;
  return rows[0]?.noted === true;
}

/** The fact of a change that takes the payment, as it is afterwards, to its next version. */
export function factOf(
  payment: SagaPayment,
  { type, about }: Pick<FactNote, 'type' | 'about'>,
): PaymentFact {
  return paymentFact({
    id: randomUUID(),
    type,
    version: payment.version + 1,
    occurredAt: new Date(),
    traceparent: payment.traceparent,
    data: { ...eventData(payment), ...about },
  });
}

/** The parts of a statement that write a fact, after a part `updated` with id and version. */
export function factParts(payment: SagaPayment, fact: PaymentFact): Prisma.Sql {
  return Prisma.sql`noted AS (
      INSERT INTO payment_facts
        (payment_id, version, event_id, event_type, event_data, created_at)
      SELECT id, version, ${fact.id}::uuid, ${fact.type}::text,
        ${JSON.stringify(fact.data)}::jsonb, ${fact.time}::timestamptz
      FROM updated
    ), queued AS (
      INSERT INTO outbox_events
        (id, aggregate_id, aggregate_version, type, exchange, routing_key, payload, headers)
      SELECT ${fact.id}::uuid, id, version, ${fact.type}::text, ${exchanges.events}::text,
        ${fact.type}::text, ${JSON.stringify(fact)}::jsonb,
        ${JSON.stringify(messageHeaders(payment))}::jsonb
      FROM updated WHERE ${payment.flags.outboxPattern}::boolean
    )`;
}
