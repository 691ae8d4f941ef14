import type { NewRequest } from '../../application/ports/request-intake';
import { paymentFactTypes } from '../../domain/payment-facts';
import type { Sql } from './client';
import { noteFact } from './fact';
import { fromDbPayment, paymentColumns } from './saga-payment-row';
import type { PaymentRow } from './saga-payment-row';

/** Stores a refund that a merchant asks for, with its fact; the payment is locked by the caller. */
export async function insertRefund(
  sql: Sql,
  paymentId: string,
  refund: Extract<NewRequest, { readonly kind: 'refund' }> & { readonly askedAt: Date },
): Promise<void> {
  const { id, amountMinor, providerReason, metadata } = refund;
  const askedAt = refund.askedAt.toISOString();
  const [row] = await sql.$queryRaw<PaymentRow[]>`
    SELECT ${paymentColumns} FROM payments WHERE id = ${paymentId}::text`;
  if (row === undefined) throw new Error('the payment was just locked');
  const payment = fromDbPayment(row);
  await sql.$executeRaw`
    INSERT INTO refunds (id, payment_id, amount_minor, currency, status, reason, provider_reason,
      metadata, created_at, updated_at)
    VALUES (${id}::text, ${paymentId}::text, ${amountMinor}::bigint, ${payment.currency}::text,
      'pending', 'requested_by_merchant', ${providerReason}::text,
      ${JSON.stringify(metadata)}::jsonb, ${askedAt}::timestamptz, ${askedAt}::timestamptz)`;
  const about = {
    refund: {
      id,
      amount: amountMinor,
      status: 'pending',
      reason: 'requested_by_merchant',
      failure_code: null,
    },
  } as const;
  const isNoted = await noteFact(sql, { payment, type: paymentFactTypes.refundRequested, about });
  if (!isNoted) throw new Error('a locked payment has moved on');
}
