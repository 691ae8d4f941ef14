import type { NewsSubject } from '../../domain/provider-news';
import { Prisma } from '../../generated/prisma/client';
import { exactNumber } from './payment-row';

/** What an event is about, as JSON of the database. */
export interface SubjectJson {
  payment_id: string;
  status: NewsSubject['status'];
  captured_minor: string;
  refund: NewsSubject['refund'];
  dispute: { status: string; is_closed: boolean } | null;
}

/** Where the parts of an event are: parameters, or columns of its row. */
export interface EventParts {
  readonly intentId: Prisma.Sql;
  readonly paymentId: Prisma.Sql;
  readonly refundId: Prisma.Sql;
  readonly objectId: Prisma.Sql;
}

/**
 * The statement that finds what an event is about. The stored intent is asked first: our metadata is
 * copied by whoever makes an intent by hand from one of ours.
 */
export function subjectQuery({ intentId, paymentId, refundId, objectId }: EventParts): Prisma.Sql {
  return Prisma.sql`
    SELECT jsonb_build_object('payment_id', p.id, 'status', p.status,
      'captured_minor', p.captured_minor::text,
      'refund', (
        SELECT jsonb_build_object('id', r.id, 'status', r.status) FROM refunds r
        WHERE r.payment_id = p.id AND (r.provider_refund_id = ${objectId}
          OR (r.id = ${refundId} AND r.provider_refund_id IS NULL))
        LIMIT 1),
      'dispute', (
        SELECT jsonb_build_object('status', d.status, 'is_closed', d.closed_at IS NOT NULL)
        FROM disputes d WHERE d.id = ${objectId})) AS subject
    FROM payments p
    WHERE p.id = coalesce(
      (SELECT id FROM payments WHERE provider_intent_id = ${intentId}), ${paymentId})`;
}

/** The subject of a row, or null for a stranger. */
export function fromDbSubject(subject: SubjectJson | null): NewsSubject | null {
  if (subject === null) return null;
  const { refund, dispute } = subject;
  return {
    paymentId: subject.payment_id,
    status: subject.status,
    capturedMinor: exactNumber(subject.captured_minor),
    refund,
    dispute: dispute && { status: dispute.status, isClosed: dispute.is_closed },
  };
}
