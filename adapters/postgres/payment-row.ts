import type { PaymentRecord, RefundRecord } from '../../application/ports/payment-reader';
import type { FeatureFlags } from '../../contracts/flags';
import type { PaymentStatus } from '../../domain/payment-states';
import type { Prisma } from '../../generated/prisma/client';

export type PaymentWithRefunds = Prisma.PaymentGetPayload<{ include: { refunds: true } }>;

type RefundRow = PaymentWithRefunds['refunds'][number];

/**
 * The payment of a row. The casts name what CHECK constraints and the only writers of the JSON
 * columns hold to.
 * @throws RangeError for an amount above 2^53, which no constraint-abiding row has
 */
export function fromDbPayment(row: PaymentWithRefunds): PaymentRecord {
  return {
    id: row.id,
    merchantId: row.merchantId,
    status: row.status as PaymentStatus,
    version: row.version,
    amountMinor: exactNumber(row.amountMinor),
    capturedMinor: exactNumber(row.capturedMinor),
    refundedMinor: exactNumber(row.refundedMinor),
    currency: row.currency,
    paymentMethod: row.paymentMethod,
    captureMethod: row.captureMethod as PaymentRecord['captureMethod'],
    reference: row.reference,
    description: row.description,
    metadata: row.metadata as Record<string, string>,
    flags: row.flags as unknown as FeatureFlags,
    failure: failureOf(row),
    traceparent: row.traceparent,
    refunds: row.refunds.map(fromDbRefund),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** Postgres counts to 2^63; a number above 2^53 would be rounded in silence. */
export function exactNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError('the amount is not exact as a number');
  return number;
}

function failureOf(row: PaymentWithRefunds): PaymentRecord['failure'] {
  if (row.failureCode === null) return null;
  return {
    code: row.failureCode,
    declineCode: row.declineCode,
    message: row.failureMessage ?? '',
  };
}

function fromDbRefund(row: RefundRow): RefundRecord {
  return {
    id: row.id,
    amountMinor: exactNumber(row.amountMinor),
    currency: row.currency,
    status: row.status as RefundRecord['status'],
    reason: row.reason as RefundRecord['reason'],
    createdAt: row.createdAt,
  };
}
