import type { OutboxMessage } from '../../application/ports/payment-intake';
import { Prisma } from '../../generated/prisma/client';

/**
 * The statement that queues messages in their order.
 * @param subject a FROM item named `subject` whose `id` they are ordered by; no row, no message
 */
export function insertMessages(
  subject: Prisma.Sql,
  messages: readonly OutboxMessage[],
): Prisma.Sql {
  return Prisma.sql`
      INSERT INTO outbox_events (id, aggregate_id, aggregate_version, type, exchange, routing_key,
        payload, headers)
      SELECT message.id, subject.id, message.aggregate_version, message.type,
        message.exchange, message.routing_key, message.payload, message.headers
      FROM ${subject}, jsonb_to_recordset(${rowsOf(messages)}::jsonb) AS message(
        place integer, id uuid, aggregate_version integer, type text, exchange text,
        routing_key text, payload jsonb, headers jsonb)
      ORDER BY message.place`;
}

function rowsOf(messages: readonly OutboxMessage[]): string {
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
