import { messageHeaders } from '../../application/ports/message-headers';
import type { OutboundMessage } from '../../application/ports/message-publisher';
import type { FeatureFlags } from '../../contracts/flags';
import { paymentEvent } from '../../contracts/messages';
import type { PaymentEventData } from '../../contracts/messages';
import { exchanges } from '../../contracts/topology';
import type { PaymentEventType } from '../../domain/payment-states';
import type { PrismaClient } from '../../generated/prisma/client';

interface EventRow {
  event_id: string;
  event_type: PaymentEventType;
  event_data: PaymentEventData;
  version: number;
  created_at: Date;
  flags: FeatureFlags;
  traceparent: string | null;
}

/** Without the outbox the transitions themselves tell what still has to be published, in order. */
export async function unpublishedEvents(
  prisma: PrismaClient,
  paymentId: string,
): Promise<OutboundMessage[]> {
  const rows = await prisma.$queryRaw<EventRow[]>`
    SELECT t.event_id, t.event_type, t.event_data, t.version, t.created_at, p.flags, p.traceparent
    FROM payment_transitions t JOIN payments p ON p.id = t.payment_id
    WHERE t.payment_id = ${paymentId}::text AND t.published_at IS NULL
    ORDER BY t.version`;
  return rows.map(toMessage);
}

export async function markTransitionPublished(
  prisma: PrismaClient,
  eventId: string,
): Promise<void> {
  await prisma.$executeRaw`
    UPDATE payment_transitions SET published_at = clock_timestamp()
    WHERE event_id = ${eventId}::uuid AND published_at IS NULL`;
}

function toMessage(row: EventRow): OutboundMessage {
  return {
    id: row.event_id,
    type: row.event_type,
    exchange: exchanges.events,
    routingKey: row.event_type,
    payload: paymentEvent({
      id: row.event_id,
      type: row.event_type,
      version: row.version,
      occurredAt: row.created_at,
      traceparent: row.traceparent,
      data: row.event_data,
    }),
    headers: messageHeaders(row),
  };
}
