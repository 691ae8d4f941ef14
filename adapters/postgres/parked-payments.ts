import type { ParkedPayment, ParkedPayments } from '../../application/ports/parked-payments';
import type { PrismaClient } from '../../generated/prisma/client';
import { failureOf } from './payment-row';
import type { PaymentRow } from './payment-row';
import { guarded } from './store-errors';

type ParkedRow = Pick<
  PaymentRow,
  'status' | 'failure_code' | 'decline_code' | 'failure_message'
> & {
  parked_from: ParkedPayment['parkedFrom'];
};

/** Reads payments for those who serve their operators. */
export function createParkedPayments(prisma: PrismaClient): ParkedPayments {
  return { find: (paymentId) => guarded('read a review', () => find(prisma, paymentId)) };
}

async function find(prisma: PrismaClient, paymentId: string): Promise<ParkedPayment | null> {
  const [row] = await prisma.$queryRaw<ParkedRow[]>`
    SELECT p.status, p.failure_code, p.decline_code, p.failure_message, (
      SELECT t.from_status FROM payment_transitions t
      WHERE t.payment_id = p.id AND t.to_status = 'needs_review'
      ORDER BY t.version DESC LIMIT 1
    ) AS parked_from
    FROM payments p WHERE p.id = ${paymentId}::text`;
  if (row === undefined) return null;
  return { status: row.status, failure: failureOf(row), parkedFrom: row.parked_from };
}
