import { driftTypes } from '../../domain/reconciliation';
import type { DriftType } from '../../domain/reconciliation';
import type { PrismaClient } from '../../generated/prisma/client';

export interface ReconciliationState {
  /** When the latest run was completed, in Unix seconds; 0 while none was. */
  readonly completedAtSeconds: number;
  /** What that run found, of every type and in both states. */
  readonly drifts: readonly {
    readonly type: DriftType;
    readonly state: 'open' | 'repaired';
    readonly count: number;
  }[];
}

interface Row {
  completed_at: Date;
  type: DriftType | null;
  state: 'open' | 'repaired' | null;
  n: number;
}

/** Reads the outcome of the latest run, for the scrapes. */
export async function readReconciliationState(prisma: PrismaClient): Promise<ReconciliationState> {
  const rows = await prisma.$queryRaw<Row[]>`
    SELECT r.completed_at, d.type, d.state, count(d.id)::integer AS n
    FROM (SELECT id, completed_at FROM reconciliation_runs WHERE phase = 'done'
      ORDER BY completed_at DESC LIMIT 1) AS r
    LEFT JOIN reconciliation_drifts d ON d.run_id = r.id
    GROUP BY r.completed_at, d.type, d.state`;
  const completedAt = rows[0]?.completed_at.getTime() ?? 0;
  return {
    completedAtSeconds: completedAt / 1_000,
    drifts: driftTypes.flatMap((type) =>
      (['open', 'repaired'] as const).map((state) => ({
        type,
        state,
        count: rows.find((row) => row.type === type && row.state === state)?.n ?? 0,
      })),
    ),
  };
}
