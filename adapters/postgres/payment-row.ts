import type { PaymentRecord, RefundRecord } from '../../application/ports/payment-reader';
import type { FeatureFlags } from '../../contracts/flags';
import { Prisma } from '../../generated/prisma/client';

/** What `paymentFields` selects; CHECK constraints hold the closed sets of words. */
export interface PaymentRow {
  id: string;
  merchant_id: string;
  status: PaymentRecord['status'];
  version: number;
  amount_minor: bigint;
  captured_minor: bigint;
  refunded_minor: bigint;
  currency: string;
  payment_method: string;
  capture_method: PaymentRecord['captureMethod'];
  reference: string | null;
  description: string | null;
  metadata: Record<string, string>;
  flags: FeatureFlags;
  failure_code: string | null;
  decline_code: string | null;
  failure_message: string | null;
  traceparent: string | null;
  created_at: Date;
  updated_at: Date;
  refunds: RefundRow[];
}

interface RefundRow {
  id: string;
  /** As text: a JSON number would lose digits above 2^53 before they could be checked. */
  amount_minor: string;
  currency: string;
  status: RefundRecord['status'];
  reason: RefundRecord['reason'];
  created_at_ms: number;
}

/** The columns of `payments AS p`, its refunds with it, oldest first. */
export const paymentFields = Prisma.sql`
  p.id, p.merchant_id, p.status, p.version, p.amount_minor, p.captured_minor, p.refunded_minor,
  p.currency, p.payment_method, p.capture_method, p.reference, p.description, p.metadata, p.flags,
  p.failure_code, p.decline_code, p.failure_message, p.traceparent, p.created_at, p.updated_at,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', r.id, 'amount_minor', r.amount_minor::text,
      'currency', r.currency, 'status', r.status, 'reason', r.reason,
      'created_at_ms', extract(epoch FROM r.created_at) * 1000) ORDER BY r.created_at, r.id)
    FROM refunds r WHERE r.payment_id = p.id
  ), '[]'::jsonb) AS refunds`;

/** The payment of a row. @throws RangeError for an amount above 2^53, which no legal row has */
export function fromDbPayment(row: PaymentRow): PaymentRecord {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    status: row.status,
    version: row.version,
    amountMinor: exactNumber(row.amount_minor),
    capturedMinor: exactNumber(row.captured_minor),
    refundedMinor: exactNumber(row.refunded_minor),
    currency: row.currency,
    paymentMethod: row.payment_method,
    captureMethod: row.capture_method,
    reference: row.reference,
    description: row.description,
    metadata: row.metadata,
    flags: row.flags,
    failure: failureOf(row),
    traceparent: row.traceparent,
    refunds: row.refunds.map(fromDbRefund),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Postgres counts to 2^63; a number above 2^53 would be rounded in silence. @throws RangeError */
export function exactNumber(value: bigint | string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError('the amount is not exact as a number');
  return number;
}

/** Why it did not succeed, or null; a code always comes with a message. */
export function failureOf(
  row: Pick<PaymentRow, 'failure_code' | 'decline_code' | 'failure_message'>,
): PaymentRecord['failure'] {
  if (row.failure_code === null) return null;
  return {
    code: row.failure_code,
    declineCode: row.decline_code,
    message: row.failure_message ?? '',
  };
}

function fromDbRefund(row: RefundRow): RefundRecord {
  return {
    id: row.id,
    amountMinor: exactNumber(row.amount_minor),
    currency: row.currency,
    status: row.status,
    reason: row.reason,
    createdAt: new Date(row.created_at_ms),
  };
}
