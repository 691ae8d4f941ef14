import type { AuditReader } from '../../application/ports/audit-reader';
import type { AuditedAccount, AuditedEvent, AuditedPayment, AuditedStep } from '../../domain/audit';
import type { PaymentStatus } from '../../domain/payment-states';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';
import { fromDbReconciledPayment, paymentColumns } from './reconciliation-rows';
import type { ReconciledPaymentRow } from './reconciliation-rows';

/** Reads payments for the auditor, in one statement: all that is kept of a payment is of one moment. */
export function createAuditReader(prisma: PrismaClient): AuditReader {
  return {
    page: ({ after, limit }) =>
      available('read payments', () =>
        read(prisma, Prisma.sql`p.id > ${after ?? ''}::text ORDER BY p.id LIMIT ${limit}::integer`),
      ),
    find: (paymentIds) =>
      available('read payments', () =>
        read(prisma, Prisma.sql`p.id = ANY(${[...paymentIds]}::text[])`),
      ),
  };
}

interface AuditRow extends ReconciledPaymentRow {
  steps: StepRow[];
  events: AuditedEvent[];
  accounts: AuditedAccount[];
}

interface StepRow {
  version: number;
  event_id: string;
  event_type: string;
  is_published: boolean;
  is_change: boolean;
  from_status: PaymentStatus | null;
  to_status: PaymentStatus;
}

async function read(prisma: PrismaClient, which: Prisma.Sql): Promise<AuditedPayment[]> {
  const rows = await prisma.$queryRaw<AuditRow[]>`
    SELECT ${paymentColumns},
      (SELECT coalesce(jsonb_agg(s ORDER BY s.version), '[]') FROM (
        SELECT version, event_id, event_type, published_at IS NOT NULL AS is_published,
          true AS is_change, from_status, to_status
        FROM payment_transitions WHERE payment_id = p.id
        UNION ALL
        SELECT version, event_id, event_type, published_at IS NOT NULL, false, NULL, NULL
        FROM payment_facts WHERE payment_id = p.id) AS s) AS steps,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'id', o.id, 'version', o.aggregate_version, 'type', o.type)), '[]')
        FROM outbox_events o
        WHERE o.aggregate_id = p.id AND o.aggregate_version IS NOT NULL) AS events,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'account', b.account, 'currency', b.currency, 'totalMinor', b.total)), '[]') FROM (
        SELECT account, currency, sum(amount_minor) AS total
        FROM ledger_entries WHERE payment_id = p.id GROUP BY account, currency) AS b) AS accounts
    FROM payments p WHERE ${which}`;
  return rows.map((row) => ({
    ...fromDbReconciledPayment(row),
    steps: row.steps.map(fromDbStep),
    events: row.events,
    accounts: row.accounts,
  }));
}

function fromDbStep(row: StepRow): AuditedStep {
  return {
    version: row.version,
    eventId: row.event_id,
    eventType: row.event_type,
    isPublished: row.is_published,
    ...(row.is_change ? { change: { from: row.from_status, to: row.to_status } } : {}),
  };
}
