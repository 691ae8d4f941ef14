import { randomUUID } from 'node:crypto';
import { StoreRefused } from '../../application/ports/saga-store';
import { reconciliationDriftFound } from '../../contracts/messages';
import type { ReconciliationSummary } from '../../contracts/reconciliation';
import { exchanges } from '../../contracts/topology';
import { driftTypes } from '../../domain/reconciliation';
import type { DriftType } from '../../domain/reconciliation';
import type { PrismaClient } from '../../generated/prisma/client';

interface Counted {
  window_from: Date;
  window_to: Date;
  type: DriftType | null;
  found: number;
  repaired: number;
}

/** Ends the run and, where drift was found, writes its event in the same statement. */
export async function closeRun(
  prisma: PrismaClient,
  runId: string,
): Promise<ReconciliationSummary> {
  const counted = await prisma.$queryRaw<Counted[]>`
    SELECT r.window_from, r.window_to, d.type, count(d.id)::integer AS found,
      (count(*) FILTER (WHERE d.state = 'repaired'))::integer AS repaired
    FROM reconciliation_runs r LEFT JOIN reconciliation_drifts d ON d.run_id = r.id
    WHERE r.id = ${runId}::text GROUP BY r.id, d.type`;
  const [run] = counted;
  if (run === undefined) throw new StoreRefused('the run does not exist');
  const summary = summaryOf(runId, counted);
  await end(prisma, eventOf(run, summary));
  return summary;
}

function summaryOf(runId: string, counted: readonly Counted[]): ReconciliationSummary {
  const sum = (of: 'found' | 'repaired') => counted.reduce((total, row) => total + row[of], 0);
  const byType = driftTypes.flatMap((type) => {
    const found = counted.find((row) => row.type === type)?.found ?? 0;
    return found === 0 ? [] : [[type, found] as const];
  });
  return {
    runId,
    found: sum('found'),
    repaired: sum('repaired'),
    byType: Object.fromEntries(byType),
  };
}

function eventOf(run: Counted, summary: ReconciliationSummary) {
  return reconciliationDriftFound({
    id: randomUUID(),
    occurredAt: new Date(),
    traceparent: null,
    data: {
      run_id: summary.runId,
      window_from: run.window_from.toISOString(),
      window_to: run.window_to.toISOString(),
      found: summary.found,
      repaired: summary.repaired,
      by_type: summary.byType,
    },
  });
}

async function end(
  prisma: PrismaClient,
  event: ReturnType<typeof reconciliationDriftFound>,
): Promise<void> {
  const { run_id: runId, found } = event.data;
  // The run is its own aggregate, of which this is the one event.
  await prisma.$executeRaw`
    WITH ended AS (
      UPDATE reconciliation_runs SET phase = 'done', place = NULL, completed_at = clock_timestamp()
      WHERE id = ${runId}::text AND phase <> 'done' RETURNING id
    ), forgotten AS (
      DELETE FROM reconciliation_seen s USING ended WHERE s.run_id = ended.id
    )
    INSERT INTO outbox_events
      (id, aggregate_id, aggregate_version, type, exchange, routing_key, payload)
    SELECT ${event.id}::uuid, id, 1, ${event.type}::text, ${exchanges.events}::text,
      ${event.type}::text, ${JSON.stringify(event)}::jsonb
    FROM ended WHERE ${found > 0}::boolean`;
}
