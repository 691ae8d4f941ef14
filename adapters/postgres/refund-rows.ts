import { createHash } from 'node:crypto';
import type { RefundSnapshot } from '../../application/ports/payment-provider';
import type { SagaRefund } from '../../application/ports/refund-store';
import { Prisma } from '../../generated/prisma/client';
import { exactNumber } from './payment-row';
import type { RefundNote } from './refund-change';
import { fromDbPayment, paymentColumns } from './saga-payment-row';
import type { PaymentRow } from './saga-payment-row';
import type { Sql } from './client';

type RefundRow = PaymentRow & {
  refund_id: string;
  refund_minor: bigint;
  refund_status: SagaRefund['status'];
  reason: SagaRefund['reason'];
  provider_reason: SagaRefund['providerReason'];
  provider_refund_id: string | null;
  refund_failure: string | null;
};

/** The refund with its payment, or null. */
export function findRefund(prisma: Sql, refundId: string): Promise<SagaRefund | null> {
  return findOne(prisma, Prisma.sql`id = ${refundId}::text`);
}

/**
 * The refund that the provider's one is: by its id, or by ours in its metadata. A second refund that
 * names ours, or one that came after ours was given up, is not ours: its money is counted by itself.
 */
export async function findNamedRefund(
  prisma: Sql,
  { id, refundId, intentId }: RefundSnapshot,
): Promise<SagaRefund | null> {
  const known = await findOne(prisma, Prisma.sql`provider_refund_id = ${id}::text`);
  if (known !== null || refundId === null) return known;
  const named = await findOne(
    prisma,
    Prisma.sql`id = ${refundId}::text AND provider_refund_id IS NULL
      AND status IN ('pending', 'succeeded')`,
  );
  const isOfIntent = intentId === null || named?.payment.intentId === intentId;
  return isOfIntent ? named : null;
}

/** A refund made by hand, as its row would be; null when its payment is none of ours. */
export async function findUnheardRefund(
  prisma: Sql,
  { id, intentId, amountMinor }: RefundSnapshot,
): Promise<SagaRefund | null> {
  const [row] = await prisma.$queryRaw<PaymentRow[]>`
    SELECT ${paymentColumns} FROM payments WHERE provider_intent_id = ${intentId}::text`;
  if (row === undefined) return null;
  return {
    // Derived, so that two who hear of it at once name the same refund.
    refundId: `re_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`,
    status: 'pending',
    reason: 'made_at_provider',
    providerReason: null,
    amountMinor,
    providerRefundId: id,
    failureCode: null,
    payment: fromDbPayment(row),
  };
}

/** Keeps the provider's id of a refund that is not new otherwise. */
export async function noteProviderId(
  prisma: Sql,
  { refund, providerRefundId }: RefundNote,
): Promise<SagaRefund> {
  if (providerRefundId === undefined || refund.providerRefundId !== null) return refund;
  await prisma.$executeRaw`
    UPDATE refunds SET provider_refund_id = ${providerRefundId}::text,
      updated_at = clock_timestamp()
    WHERE id = ${refund.refundId}::text AND provider_refund_id IS NULL`;
  return { ...refund, providerRefundId };
}

async function findOne(prisma: Sql, condition: Prisma.Sql): Promise<SagaRefund | null> {
  // One statement, so that the version that is compared belongs to the status that was read.
  const [row] = await prisma.$queryRaw<RefundRow[]>`
    SELECT ${paymentColumns}, r.*
    FROM (
      SELECT id AS refund_id, payment_id AS of_payment, amount_minor AS refund_minor,
        status AS refund_status, reason, provider_reason, provider_refund_id,
        failure_code AS refund_failure
      FROM refunds WHERE ${condition}
    ) AS r JOIN payments ON id = of_payment`;
  return row === undefined ? null : fromDbRefund(row);
}

function fromDbRefund(row: RefundRow): SagaRefund {
  return {
    refundId: row.refund_id,
    status: row.refund_status,
    reason: row.reason,
    providerReason: row.provider_reason,
    amountMinor: exactNumber(row.refund_minor),
    providerRefundId: row.provider_refund_id,
    failureCode: row.refund_failure,
    payment: fromDbPayment(row),
  };
}
