import { messageHeaders } from '../../application/ports/message-headers';
import type { OutboundMessage } from '../../application/ports/message-publisher';
import type { FeatureFlags } from '../../contracts/flags';
import { paymentEvent, paymentFact } from '../../contracts/messages';
import type { PaymentEventData } from '../../contracts/messages';
import { exchanges } from '../../contracts/topology';
import { paymentFactTypes } from '../../domain/payment-facts';
import type { PaymentFactType } from '../../domain/payment-facts';
import type { PaymentEventType } from '../../domain/payment-states';
import type { PrismaClient } from '../../generated/prisma/client';

interface EventRow {
  event_id: string;
  event_type: PaymentEventType | PaymentFactType;
  event_data: PaymentEventData;
  version: number;
  created_at: Date;
  flags: FeatureFlags;
  traceparent: string | null;
}

/** Without the outbox the history itself tells what still has to be published, in order. */
export async function unpublishedEvents(
  prisma: PrismaClient,
  paymentId: string,
): Promise<OutboundMessage[]> {
  const rows = await prisma.$queryRaw<EventRow[]>`
    SELECT h.event_id, h.event_type, h.event_data, h.version, h.created_at, p.flags, p.traceparent
    FROM payments p, LATERAL (
      SELECT event_id, event_type, event_data, version, created_at, published_at
        FROM payment_transitions WHERE payment_id = p.id
      UNION ALL
      SELECT event_id, event_type, event_data, version, created_at, published_at
        FROM payment_facts WHERE payment_id = p.id
    ) AS h
    WHERE p.id = ${paymentId}::text AND h.published_at IS NULL
    ORDER BY h.version`;
  return rows.map(toMessage);
}

/** Notes in the payment's history that the broker has the event. */
export async function markEventPublished(prisma: PrismaClient, eventId: string): Promise<void> {
  await prisma.$executeRaw`
    WITH transition AS (
      UPDATE payment_transitions SET published_at = clock_timestamp()
      WHERE event_id = ${eventId}::uuid AND published_at IS NULL
    )
    UPDATE payment_facts SET published_at = clock_timestamp()
    WHERE event_id = ${eventId}::uuid AND published_at IS NULL`;
}

function toMessage(row: EventRow): OutboundMessage {
  return {
    id: row.event_id,
    type: row.event_type,
    exchange: exchanges.events,
    routingKey: row.event_type,
    payload: envelopeOf(row),
    headers: messageHeaders(row),
  };
}

const factTypes: ReadonlySet<string> = new Set(Object.values(paymentFactTypes));

function envelopeOf(row: EventRow): unknown {
  const { event_type: type, version, traceparent } = row;
  const message = { id: row.event_id, occurredAt: row.created_at, traceparent, version };
  return isFact(type)
    ? paymentFact({ ...message, type, data: row.event_data })
    : paymentEvent({ ...message, type, data: row.event_data });
}

function isFact(type: EventRow['event_type']): type is PaymentFactType {
  return factTypes.has(type);
}
