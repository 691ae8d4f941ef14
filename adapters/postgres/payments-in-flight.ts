import type { FeatureFlags } from '../../contracts/flags';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';

export interface PaymentsInFlight {
  readonly flags: FeatureFlags;
  readonly count: number;
  readonly oldestAcceptedAt: Date;
}

/** The payments that have not ended, by the flags they were accepted with; most numerous first. */
export function paymentsInFlight(prisma: PrismaClient): Promise<readonly PaymentsInFlight[]> {
  // Parked payments are left out: they wait for an operator, not for a phase.
  return available(
    'count the payments in flight',
    () => prisma.$queryRaw<PaymentsInFlight[]>`
      SELECT flags, count(*)::integer AS count, min(created_at) AS "oldestAcceptedAt"
        FROM payments
       WHERE status IN ('pending', 'processing', 'requires_action', 'authorized')
       GROUP BY flags ORDER BY count(*) DESC, min(created_at)`,
  );
}
