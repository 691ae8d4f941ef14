import type {
  PaymentListQuery,
  PaymentPage,
  PaymentReader,
} from '../../application/ports/payment-reader';
import type { PaymentStatus } from '../../domain/payment-states';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';
import { fromDbPayment } from './payment-row';

const withRefunds = { refunds: { orderBy: { id: 'asc' } } } as const;

/** Reads payments for the API. */
export function createPaymentReader(prisma: PrismaClient): PaymentReader {
  return {
    find: ({ merchantId, paymentId }) =>
      available('read a payment', async () => {
        const row = await prisma.payment.findFirst({
          where: { id: paymentId, merchantId },
          include: withRefunds,
        });
        return row && fromDbPayment(row);
      }),
    list: (query) => available('list payments', () => list(prisma, query)),
    statuses: (ids) => available('read statuses', () => statuses(prisma, ids)),
  };
}

async function list(prisma: PrismaClient, query: PaymentListQuery): Promise<PaymentPage> {
  const rows = await prisma.payment.findMany({
    where: {
      merchantId: query.merchantId,
      ...(query.startingAfter === null ? {} : { id: { lt: query.startingAfter } }),
      ...(query.status === null ? {} : { status: query.status }),
      ...(query.reference === null ? {} : { reference: query.reference }),
    },
    include: withRefunds,
    orderBy: { id: 'desc' },
    // One more than asked for tells whether there is a further page.
    take: query.limit + 1,
  });
  return {
    payments: rows.slice(0, query.limit).map(fromDbPayment),
    hasMore: rows.length > query.limit,
  };
}

async function statuses(
  prisma: PrismaClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PaymentStatus>> {
  const rows = await prisma.$queryRaw<{ id: string; status: PaymentStatus }[]>`
    SELECT id, status FROM payments WHERE id = ANY(${[...ids]}::text[])`;
  return new Map(rows.map((row) => [row.id, row.status]));
}
