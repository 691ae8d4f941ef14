import type { PendingRefunds, RefundStart } from '../../application/ports/refund-starter';
import type { FeatureFlags } from '../../contracts/flags';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { exactNumber } from './payment-row';
import { guarded } from './store-errors';

interface PendingRow {
  refund_id: string;
  payment_id: string;
  merchant_id: string;
  amount_minor: bigint;
  currency: string;
  flags: FeatureFlags;
  traceparent: string | null;
}

/** One that the provider has is its saga's, which looks at it; after this long it is looked after. */
const knownAfterMs = 3_600_000;

/** Refunds that wait to be made; the saga of a payment sees to those that compensate. */
export function createPendingRefunds(prisma: PrismaClient): PendingRefunds {
  return {
    find: (refundId) =>
      guarded('find refund', async () => {
        const [found] = await pendingRefunds(prisma, Prisma.sql`r.id = ${refundId}::text`, 1);
        return found ?? null;
      }),
    page: ({ ageMs, limit, after }) =>
      guarded('find refunds', () => {
        const condition = Prisma.sql`r.id > ${after ?? ''}::text
          AND r.updated_at < clock_timestamp() - interval '1 ms' * CASE
            WHEN r.provider_refund_id IS NULL THEN ${ageMs}::float8
            ELSE ${Math.max(ageMs, knownAfterMs)}::float8 END`;
        return pendingRefunds(prisma, condition, limit);
      }),
  };
}

async function pendingRefunds(
  prisma: PrismaClient,
  condition: Prisma.Sql,
  limit: number,
): Promise<RefundStart[]> {
  const rows = await prisma.$queryRaw<PendingRow[]>`
    SELECT r.id AS refund_id, r.payment_id, p.merchant_id, r.amount_minor, r.currency, p.flags,
      p.traceparent
    FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE r.status = 'pending' AND r.reason <> 'compensation' AND ${condition}
    ORDER BY r.id LIMIT ${limit}::integer`;
  return rows.map((row) => ({
    refundId: row.refund_id,
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    amountMinor: exactNumber(row.amount_minor),
    currency: row.currency,
    flags: row.flags,
    traceparent: row.traceparent,
  }));
}
