import type { TimelineEntry, TimelineReader } from '../../application/ports/timeline-reader';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';
import { beside, changes, sent } from './timeline-parts';

/** Reads what is stored of one payment. */
export function createTimelineReader(prisma: PrismaClient): TimelineReader {
  return { read: (paymentId) => available('read a timeline', () => read(prisma, paymentId)) };
}

/**
 * One statement, so that all of it is of one moment. Each part is found by an index on the payment,
 * and writes the details in the words of the port.
 */
function read(prisma: PrismaClient, paymentId: string): Promise<readonly TimelineEntry[]> {
  return prisma.$queryRaw<TimelineEntry[]>`
    WITH p AS (
      SELECT id, provider_intent_id, undo_started_at FROM payments WHERE id = ${paymentId}::text
    ), versions AS (
      SELECT t.version, t.created_at FROM p JOIN payment_transitions t ON t.payment_id = p.id
      UNION ALL
      SELECT f.version, f.created_at FROM p JOIN payment_facts f ON f.payment_id = p.id
    ), entries AS (${changes} UNION ALL ${sent} UNION ALL ${beside})
    SELECT at, kind, details FROM entries ORDER BY at, place, number`;
}
