import type { OpenRequest, OpenRequests } from '../../application/ports/saga-requests';
import type { FeatureFlags } from '../../contracts/flags';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { exactNumber } from './payment-row';
import { guarded } from './store-errors';

interface RequestRow {
  id: string;
  kind: OpenRequest['kind'];
  requested_minor: bigint | null;
  payment_id: string;
  merchant_id: string;
  amount_minor: bigint;
  currency: string;
  status: OpenRequest['status'];
  flags: FeatureFlags;
  traceparent: string | null;
}

/** What merchants ask of living payments. */
export function createOpenRequests(prisma: PrismaClient): OpenRequests {
  return {
    find: (requestId) =>
      guarded('find request', async () => {
        const rows = await openRequests(prisma, Prisma.sql`q.id = ${requestId}::text`, 1);
        return rows[0] ?? null;
      }),
    refusalOf: (requestId) => guarded('read request', () => refusalOf(prisma, requestId)),
    olderThan: ({ ageMs, limit }) =>
      guarded('find requests', () => openRequests(prisma, olderThan(ageMs), limit)),
    refuse: (refused) => guarded('refuse request', () => refuseRequest(prisma, refused)),
  };
}

function olderThan(ageMs: number): Prisma.Sql {
  return Prisma.sql`q.created_at < clock_timestamp() - ${ageMs}::float8 * interval '1 ms'`;
}

async function openRequests(
  prisma: PrismaClient,
  condition: Prisma.Sql,
  limit: number,
): Promise<OpenRequest[]> {
  const rows = await prisma.$queryRaw<RequestRow[]>`
    SELECT q.id, q.kind, q.amount_minor AS requested_minor, q.payment_id, p.merchant_id,
      p.amount_minor, p.currency, p.status, p.flags, p.traceparent
    FROM payment_requests q JOIN payments p ON p.id = q.payment_id
    WHERE q.state = 'open' AND ${condition}
    ORDER BY q.created_at LIMIT ${limit}::integer`;
  return rows.map(fromDbRequest);
}

function fromDbRequest(row: RequestRow): OpenRequest {
  return {
    requestId: row.id,
    kind: row.kind,
    status: row.status,
    amountMinor: row.requested_minor === null ? null : exactNumber(row.requested_minor),
    payment: {
      paymentId: row.payment_id,
      merchantId: row.merchant_id,
      amountMinor: exactNumber(row.amount_minor),
      currency: row.currency,
      flags: row.flags,
      traceparent: row.traceparent,
    },
  };
}

async function refusalOf(prisma: PrismaClient, requestId: string): Promise<string | null> {
  const [row] = await prisma.$queryRaw<{ refusal: string | null }[]>`
    SELECT refusal FROM payment_requests WHERE id = ${requestId}::text AND state = 'refused'`;
  return row?.refusal ?? null;
}

/** Closes an open request that came to nothing; one that is closed stays as it is. */
export async function refuseRequest(
  prisma: PrismaClient,
  refused: { readonly paymentId: string; readonly requestId: string; readonly refusal: string },
): Promise<void> {
  await prisma.$executeRaw`
    UPDATE payment_requests SET state = 'refused', refusal = ${refused.refusal}::text,
      closed_at = clock_timestamp()
    WHERE id = ${refused.requestId}::text AND payment_id = ${refused.paymentId}::text
      AND state = 'open'`;
}
