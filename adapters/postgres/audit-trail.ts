import type {
  AuditEntry,
  AuditPage,
  AuditQuery,
  AuditTrail,
  NewAuditEntry,
} from '../../application/ports/audit-trail';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';
import type { Sql } from './client';

interface AuditRow {
  id: string;
  merchant_id: string;
  actor: string;
  /** Written by this module from the same type, and never by anybody else. */
  action: AuditEntry['action'];
  payment_id: string | null;
  details: Record<string, unknown>;
  outcome: AuditEntry['outcome'];
  created_at: Date;
}

/** The trail of what operators did, in Postgres, whose triggers let nobody rewrite it. */
export function createAuditTrail(prisma: PrismaClient): AuditTrail {
  return {
    write: (entry) => available('write the audit trail', () => insertAuditEntry(prisma, entry)),
    list: (query) => available('read the audit trail', () => list(prisma, query)),
  };
}

/** Writes an entry, also as a part of a transaction. */
export async function insertAuditEntry(sql: Sql, entry: NewAuditEntry): Promise<void> {
  await sql.$executeRaw`
    INSERT INTO audit_entries
      (id, merchant_id, actor, action, payment_id, details, outcome, created_at)
    VALUES (${entry.id}::uuid, ${entry.merchantId}::text, ${entry.actor}::text,
      ${entry.action}::text, ${entry.paymentId}::text, ${JSON.stringify(entry.details)}::jsonb,
      ${entry.outcome}::text, clock_timestamp())`;
}

async function list(prisma: PrismaClient, query: AuditQuery): Promise<AuditPage> {
  const older =
    query.startingAfter === null ? Prisma.sql`true` : Prisma.sql`id < ${query.startingAfter}::uuid`;
  // One more than asked for tells whether there is a further page.
  const rows = await prisma.$queryRaw<AuditRow[]>`
    SELECT id, merchant_id, actor, action, payment_id, details, outcome, created_at
    FROM audit_entries WHERE merchant_id = ${query.merchantId}::text AND ${older}
    ORDER BY id DESC LIMIT ${query.limit + 1}::integer`;
  return {
    entries: rows.slice(0, query.limit).map(fromDbEntry),
    hasMore: rows.length > query.limit,
  };
}

function fromDbEntry(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    actor: row.actor,
    action: row.action,
    paymentId: row.payment_id,
    details: row.details,
    outcome: row.outcome,
    createdAt: row.created_at,
  };
}
