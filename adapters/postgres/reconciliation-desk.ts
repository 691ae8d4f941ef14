import type {
  DriftQuery,
  DriftRecord,
  Page,
  ReconciliationDesk,
  RunQuery,
  RunRecord,
} from '../../application/ports/reconciliation-desk';
import type { DriftType } from '../../domain/reconciliation';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';

/** Reads reconciliations for operators. */
export function createReconciliationDesk(prisma: PrismaClient): ReconciliationDesk {
  return {
    add: ({ id, origin, from, to }) =>
      available('store a run', async () => {
        const data = [{ id, origin, windowFrom: from, windowTo: to }];
        await prisma.reconciliationRun.createMany({ data, skipDuplicates: true });
      }),
    find: (runId) =>
      available('read a run', async () => {
        const [run] = await runs(prisma, Prisma.sql`r.id = ${runId}::text`, 1);
        return run ?? null;
      }),
    list: (query) => available('list runs', () => list(prisma, query)),
    drifts: (query) => available('list drifts', () => drifts(prisma, query)),
  };
}

interface RunRow extends Omit<RunRecord, 'drift'> {
  found: number;
  repaired: number;
  by_type: Partial<Record<DriftType, number>>;
}

async function runs(prisma: PrismaClient, where: Prisma.Sql, limit: number): Promise<RunRecord[]> {
  const rows = await prisma.$queryRaw<RunRow[]>`
    SELECT r.id, r.origin, r.window_from AS "from", r.window_to AS "to", r.intents, r.refunds,
      r.foreign_objects AS "foreignObjects", r.in_flight AS "inFlight",
      r.started_at AS "startedAt", r.completed_at AS "completedAt",
      coalesce(d.found, 0)::integer AS found, coalesce(d.repaired, 0)::integer AS repaired,
      coalesce(d.by_type, '{}') AS by_type
    FROM reconciliation_runs r LEFT JOIN LATERAL (
      SELECT sum(n) AS found, sum(gone) AS repaired, jsonb_object_agg(type, n) AS by_type FROM (
        SELECT type, count(*) AS n, count(*) FILTER (WHERE state = 'repaired') AS gone
        FROM reconciliation_drifts WHERE run_id = r.id GROUP BY type) AS counted
    ) AS d ON true
    WHERE ${where} ORDER BY r.id DESC LIMIT ${limit}::integer`;
  return rows.map(({ found, repaired, by_type, ...run }) => ({
    ...run,
    drift: { found, repaired, by_type },
  }));
}

async function list(prisma: PrismaClient, query: RunQuery): Promise<Page<RunRecord>> {
  const { startingAfter, limit } = query;
  const where =
    startingAfter === null ? Prisma.sql`true` : Prisma.sql`r.id < ${startingAfter}::text`;
  // One more than asked for tells whether there is a further page.
  return pageOf(await runs(prisma, where, limit + 1), limit);
}

async function drifts(prisma: PrismaClient, query: DriftQuery): Promise<Page<DriftRecord>> {
  const rows = await prisma.$queryRaw<DriftRecord[]>`
    SELECT d.id, d.type, d.state, d.payment_id AS "paymentId", d.subject, d.evidence,
      d.found_at AS "foundAt", d.repaired_at AS "repairedAt"
    FROM reconciliation_drifts d LEFT JOIN payments p ON p.id = d.payment_id
    WHERE d.run_id = ${query.runId}::text AND d.id > ${query.startingAfter ?? ''}::text
      AND (${query.merchantId}::text IS NULL OR p.merchant_id = ${query.merchantId}::text)
    ORDER BY d.id LIMIT ${query.limit + 1}::integer`;
  return pageOf(rows, query.limit);
}

function pageOf<Entry>(rows: readonly Entry[], limit: number): Page<Entry> {
  return { entries: rows.slice(0, limit), hasMore: rows.length > limit };
}
