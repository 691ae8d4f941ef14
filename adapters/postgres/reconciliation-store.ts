import { StoreRefused } from '../../application/ports/saga-store';
import type {
  Drift,
  NewDrift,
  NewRun,
  PageResult,
  ReconciliationStore,
  Run,
  UnseenQuery,
} from '../../application/ports/reconciliation-store';
import type { IdSource } from '../../application/ports/system';
import type { PrismaClient } from '../../generated/prisma/client';
import { closeRun } from './reconciliation-close';
import {
  fromDbReconciledPayment,
  fromDbReconciledRefund,
  fromDbRun,
  paymentColumns,
  refundColumns,
  runColumns,
} from './reconciliation-rows';
import type { ReconciledPaymentRow, ReconciledRefundRow, RunRow } from './reconciliation-rows';
import { guarded } from './store-errors';

/** What a run keeps, and what of ours it compares. */
export function createReconciliationStore(
  prisma: PrismaClient,
  ids: IdSource,
): ReconciliationStore {
  return {
    open: (run) => guarded('open a run', () => open(prisma, run)),
    find: (runId) => guarded('read a run', () => find(prisma, runId)),
    latestScheduledEnd: () => guarded('read the last run', () => latestScheduledEnd(prisma)),
    payments: (of) => guarded('read payments', () => payments(prisma, of)),
    refunds: (of) => guarded('read refunds', () => refunds(prisma, of)),
    unseenPayments: (query) => guarded('read payments', () => unseenPayments(prisma, query)),
    unseenRefunds: (query) => guarded('read refunds', () => unseenRefunds(prisma, query)),
    advance: (page) => guarded('advance a run', () => advance(prisma, page, ids)),
    openDrifts: (of) => guarded('read drifts', () => openDrifts(prisma, of)),
    markRepaired: (driftId) => guarded('note a repair', () => markRepaired(prisma, driftId)),
    close: (runId) => guarded('close a run', () => closeRun(prisma, runId)),
  };
}

async function open(prisma: PrismaClient, run: NewRun): Promise<Run> {
  await prisma.$executeRaw`
    INSERT INTO reconciliation_runs (id, origin, window_from, window_to)
    VALUES (${run.id}::text, ${run.origin}::text, ${run.from}::timestamptz, ${run.to}::timestamptz)
    ON CONFLICT (id) DO NOTHING`;
  const opened = await find(prisma, run.id);
  if (opened === null) throw new StoreRefused('a run that was opened is not there');
  return opened;
}

async function find(prisma: PrismaClient, runId: string): Promise<Run | null> {
  const [row] = await prisma.$queryRaw<RunRow[]>`
    SELECT ${runColumns} FROM reconciliation_runs WHERE id = ${runId}::text`;
  return row === undefined ? null : fromDbRun(row);
}

async function latestScheduledEnd(prisma: PrismaClient): Promise<Date | null> {
  const [row] = await prisma.$queryRaw<{ latest: Date | null }[]>`
    SELECT max(window_to) AS latest FROM reconciliation_runs
    WHERE origin = 'schedule' AND phase = 'done'`;
  return row?.latest ?? null;
}

async function payments(prisma: PrismaClient, of: Parameters<ReconciliationStore['payments']>[0]) {
  const rows = await prisma.$queryRaw<ReconciledPaymentRow[]>`
    SELECT ${paymentColumns} FROM payments p
    WHERE p.provider_intent_id = ANY(${[...of.intentIds]}::text[])
      OR p.id = ANY(${[...of.paymentIds]}::text[])`;
  return rows.map(fromDbReconciledPayment);
}

async function refunds(prisma: PrismaClient, of: Parameters<ReconciliationStore['refunds']>[0]) {
  const rows = await prisma.$queryRaw<ReconciledRefundRow[]>`
    SELECT ${refundColumns} FROM refunds r
    WHERE r.provider_refund_id = ANY(${[...of.providerRefundIds]}::text[])
      OR r.id = ANY(${[...of.refundIds]}::text[])`;
  return rows.map(fromDbReconciledRefund);
}

async function unseenPayments(prisma: PrismaClient, { run, limit }: UnseenQuery) {
  // Without an intent there is something to miss only where money is claimed.
  const rows = await prisma.$queryRaw<ReconciledPaymentRow[]>`
    SELECT ${paymentColumns} FROM payments p
    WHERE p.created_at >= ${run.from}::timestamptz AND p.created_at < ${run.to}::timestamptz
      AND p.id > ${run.place.after ?? ''}::text
      AND (p.provider_intent_id IS NOT NULL OR p.status IN ('authorized', 'succeeded'))
      AND NOT EXISTS (SELECT 1 FROM reconciliation_seen s
        WHERE s.run_id = ${run.id}::text AND s.object_id = p.provider_intent_id)
    ORDER BY p.id LIMIT ${limit}::integer`;
  return rows.map(fromDbReconciledPayment);
}

async function unseenRefunds(prisma: PrismaClient, { run, limit }: UnseenQuery) {
  const rows = await prisma.$queryRaw<ReconciledRefundRow[]>`
    SELECT ${refundColumns} FROM refunds r
    WHERE r.created_at >= ${run.from}::timestamptz AND r.created_at < ${run.to}::timestamptz
      AND r.id > ${run.place.after ?? ''}::text AND r.provider_refund_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM reconciliation_seen s
        WHERE s.run_id = ${run.id}::text AND s.object_id = r.provider_refund_id)
    ORDER BY r.id LIMIT ${limit}::integer`;
  return rows.map(fromDbReconciledRefund);
}

async function advance(prisma: PrismaClient, page: PageResult, ids: IdSource): Promise<boolean> {
  const { run, next } = page;
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    WITH moved AS (
      UPDATE reconciliation_runs SET phase = ${next.phase}::text, place = ${next.after}::text,
        pages = pages + 1, intents = intents + ${page.intents ?? 0}::integer,
        refunds = refunds + ${page.refunds ?? 0}::integer,
        foreign_objects = foreign_objects + ${page.foreign ?? 0}::integer,
        in_flight = in_flight + ${page.inFlight ?? 0}::integer
      WHERE id = ${run.id}::text AND phase = ${run.place.phase}::text
        AND place IS NOT DISTINCT FROM ${run.place.after}::text
      RETURNING id
    ), seen AS (
      INSERT INTO reconciliation_seen (run_id, object_id)
      SELECT moved.id, s.object_id FROM moved, unnest(${[...page.seen]}::text[]) AS s(object_id)
      ON CONFLICT DO NOTHING
    ), found AS (
      INSERT INTO reconciliation_drifts (id, run_id, type, subject, payment_id, evidence)
      SELECT d.id, moved.id, d.type, d.subject, d.payment_id, d.evidence
      FROM moved, jsonb_to_recordset(${driftRows(page.drifts, ids)}::jsonb)
        AS d(id text, type text, subject text, payment_id text, evidence jsonb)
      ON CONFLICT DO NOTHING
    )
    SELECT id FROM moved`;
  return rows.length === 1;
}

function driftRows(drifts: readonly NewDrift[], ids: IdSource): string {
  return JSON.stringify(
    drifts.map((drift) => ({
      id: `drf_${ids.uuid().replaceAll('-', '')}`,
      type: drift.type,
      subject: drift.subject,
      payment_id: drift.paymentId,
      evidence: drift.evidence,
    })),
  );
}

interface DriftRow {
  id: string;
  type: Drift['type'];
  subject: string;
  payment_id: string | null;
  evidence: Drift['evidence'];
}

async function openDrifts(
  prisma: PrismaClient,
  of: Parameters<ReconciliationStore['openDrifts']>[0],
): Promise<Drift[]> {
  const rows = await prisma.$queryRaw<DriftRow[]>`
    SELECT id, type, subject, payment_id, evidence FROM reconciliation_drifts
    WHERE run_id = ${of.runId}::text AND state = 'open' AND id > ${of.after ?? ''}::text
    ORDER BY id LIMIT ${of.limit}::integer`;
  return rows.map(({ payment_id: paymentId, ...row }) => ({ ...row, paymentId }));
}

async function markRepaired(prisma: PrismaClient, driftId: string): Promise<void> {
  await prisma.$executeRaw`
    UPDATE reconciliation_drifts SET state = 'repaired', repaired_at = clock_timestamp()
    WHERE id = ${driftId}::text AND state = 'open'`;
}
