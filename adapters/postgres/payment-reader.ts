import type {
  PaymentListQuery,
  PaymentPage,
  PaymentReader,
  PaymentRecord,
  RefundRecord,
} from '../../application/ports/payment-reader';
import { isDecided, paymentStatuses } from '../../domain/payment-states';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';
import { fromDbPayment, fromDbRefund, paymentFields, refundJson } from './payment-row';
import type { PaymentRow, RefundRow } from './payment-row';

/** Reads payments for the API. */
export function createPaymentReader(prisma: PrismaClient): PaymentReader {
  return {
    find: (of) => available('read a payment', () => find(prisma, of)),
    findRefund: (of) => available('read a refund', () => findRefund(prisma, of)),
    list: (query) => available('list payments', () => list(prisma, query)),
    findById: (id) => available('read a payment', () => findById(prisma, id)),
    answered: (ids) => available('look for answers', () => answered(prisma, ids)),
  };
}

async function find(
  prisma: PrismaClient,
  of: { readonly merchantId: string; readonly paymentId: string },
): Promise<PaymentRecord | null> {
  const [row] = await prisma.$queryRaw<PaymentRow[]>`
    SELECT ${paymentFields} FROM payments p
    WHERE p.id = ${of.paymentId}::text AND p.merchant_id = ${of.merchantId}::text`;
  return row === undefined ? null : fromDbPayment(row);
}

async function findById(prisma: PrismaClient, id: string): Promise<PaymentRecord | null> {
  const [row] = await prisma.$queryRaw<PaymentRow[]>`
    SELECT ${paymentFields} FROM payments p WHERE p.id = ${id}::text`;
  return row === undefined ? null : fromDbPayment(row);
}

async function findRefund(
  prisma: PrismaClient,
  of: { readonly merchantId: string; readonly refundId: string },
): Promise<RefundRecord | null> {
  const [row] = await prisma.$queryRaw<{ refund: RefundRow }[]>`
    SELECT ${refundJson} AS refund FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE r.id = ${of.refundId}::text AND p.merchant_id = ${of.merchantId}::text`;
  return row === undefined ? null : fromDbRefund(row.refund);
}

async function list(prisma: PrismaClient, query: PaymentListQuery): Promise<PaymentPage> {
  // One more than asked for tells whether there is a further page.
  const rows = await prisma.$queryRaw<PaymentRow[]>`
    SELECT ${paymentFields} FROM payments p
    WHERE ${Prisma.join(conditions(query), ' AND ')}
    ORDER BY p.id DESC LIMIT ${query.limit + 1}::integer`;
  return {
    payments: rows.slice(0, query.limit).map(fromDbPayment),
    hasMore: rows.length > query.limit,
  };
}

function conditions(query: PaymentListQuery): Prisma.Sql[] {
  const { startingAfter, status, reference, currency, createdFrom, createdBefore } = query;
  return [
    Prisma.sql`p.merchant_id = ${query.merchantId}::text`,
    ...(startingAfter === null ? [] : [Prisma.sql`p.id < ${startingAfter}::text`]),
    ...(status === null ? [] : [Prisma.sql`p.status = ${status}::text`]),
    ...(reference === null ? [] : [Prisma.sql`p.reference = ${reference}::text`]),
    ...(currency === null ? [] : [Prisma.sql`p.currency = ${currency}::text`]),
    ...(createdFrom === null ? [] : [Prisma.sql`p.created_at >= ${createdFrom}::timestamptz`]),
    ...(createdBefore === null ? [] : [Prisma.sql`p.created_at < ${createdBefore}::timestamptz`]),
  ];
}

const decided = paymentStatuses.filter(isDecided);

async function answered(
  prisma: PrismaClient,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT id FROM payments WHERE id = ANY(${[...ids]}::text[]) AND status = ANY(${decided}::text[])
    UNION ALL
    SELECT id FROM payment_requests WHERE id = ANY(${[...ids]}::text[]) AND state <> 'open'
    UNION ALL
    SELECT id FROM refunds WHERE id = ANY(${[...ids]}::text[]) AND status <> 'pending'`;
  return new Set(rows.map(({ id }) => id));
}
