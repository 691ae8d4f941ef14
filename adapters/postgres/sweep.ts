import type { UnsettledPayments, UnsettledQuery } from '../../application/ports/unsettled-payments';
import type { PrismaClient } from '../../generated/prisma/client';
import { fromDbPayment, paymentColumns } from './saga-payment-row';
import type { PaymentRow } from './saga-payment-row';
import { guarded } from './store-errors';

// Longer than any hold of a card lasts.
const waitingAfterMs = 8 * 86_400_000;

/** Finds payments whose command or saga may be lost; served by the index payments_open_idx. */
export function createUnsettledPayments(prisma: PrismaClient): UnsettledPayments {
  return { page: (query) => guarded('find unsettled', () => page(prisma, query)) };
}

type UnsettledRow = PaymentRow & { updated_at: Date };

async function page(prisma: PrismaClient, query: UnsettledQuery) {
  // The ages are taken on the database's clock, which wrote updated_at.
  const rows = await prisma.$queryRaw<UnsettledRow[]>`
    SELECT ${paymentColumns}, updated_at FROM payments
    WHERE status IN ('pending', 'processing', 'requires_action', 'authorized')
      AND updated_at < clock_timestamp() - interval '1 ms' * CASE status
        WHEN 'pending' THEN ${query.pendingAfterMs}::float8
        WHEN 'processing' THEN ${query.processingAfterMs}::float8
        ELSE ${query.waitingAfterMs ?? waitingAfterMs}::float8
      END
      AND (updated_at, id) > (
        coalesce(${query.after?.updatedAt.toISOString() ?? null}::timestamptz, '-infinity'),
        ${query.after?.paymentId ?? ''}::text)
    ORDER BY updated_at, id LIMIT ${query.limit}::integer`;
  const last = rows.at(-1);
  return {
    payments: rows.map((row) => {
      const payment = fromDbPayment(row);
      const { paymentId, merchantId, amountMinor, currency, flags, traceparent } = payment;
      return { paymentId, merchantId, amountMinor, currency, flags, traceparent };
    }),
    next:
      last === undefined || rows.length < query.limit
        ? null
        : { updatedAt: last.updated_at, paymentId: last.id },
  };
}
