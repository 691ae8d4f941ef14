import type { SagaRefund } from '../../application/ports/refund-store';
import { failureCodes } from '../../contracts/saga';
import type { RefundEffect } from '../../domain/refund-news';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import type { Sql } from './client';
import { factOf, factParts } from './fact';
import { ledgerRows } from './ledger-rows';
import { applyTransition } from './transition';

/** What becomes of a refund. */
export interface RefundNote {
  /** As it was read, or as it would be stored. */
  readonly refund: SagaRefund;
  /** Whether it has no row yet. */
  readonly isNew: boolean;
  readonly to: SagaRefund['status'];
  readonly failureCode: string | null;
  readonly providerRefundId?: string;
}

/**
 * Writes what becomes of a refund with all that follows from it, or nothing: false when the payment
 * or the refund has moved on since it was read.
 */
export function changeRefund(
  prisma: PrismaClient,
  note: RefundNote,
  effect: Exclude<RefundEffect, { readonly kind: 'nothing' | 'early' }>,
): Promise<boolean> {
  switch (effect.kind) {
    case 'row':
      return changeRow(prisma, note);
    case 'fact':
      return changeWithFact(prisma, note, effect);
    case 'review':
      return changeWithReview(prisma, note, effect);
    default:
      return effect satisfies never;
  }
}

/** Locks the payment, so that its saga does not record an outcome between the read and this. */
async function changeRow(prisma: Sql, note: RefundNote): Promise<boolean> {
  const { paymentId, version } = note.refund.payment;
  const rows = await prisma.$queryRaw<{ changed: boolean }[]>`
    WITH updated AS (
      SELECT id, currency FROM payments
      WHERE id = ${paymentId}::text AND version = ${version}::integer FOR UPDATE
    ), ${rowPart(note)}
    SELECT EXISTS (SELECT 1 FROM refunded) AS changed`;
  return rows[0]?.changed === true;
}

async function changeWithFact(
  prisma: Sql,
  note: RefundNote,
  { event, refundedMinor }: Extract<RefundEffect, { readonly kind: 'fact' }>,
): Promise<boolean> {
  const { refund } = note;
  const { payment } = refund;
  const changed = { ...payment, refundedMinor };
  const fact = factOf(changed, { type: event, about: { refund: aboutOf(note) } });
  // As in a change of status: the payment first, so that events are ordered under its lock.
  const rows = await prisma.$queryRaw<{ changed: boolean }[]>`
    WITH updated AS (
      UPDATE payments SET version = version + 1, booked_version = version + 1,
        updated_at = clock_timestamp(), refunded_minor = ${refundedMinor}::bigint
      WHERE id = ${payment.paymentId}::text AND version = ${payment.version}::integer
      RETURNING id, version, currency
    ), ${rowPart(note)}, posted AS (
      INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
      SELECT updated.id, updated.version, l.account, l.amount_minor, updated.currency
      FROM updated, jsonb_to_recordset(${ledgerRows(payment, changed)}::jsonb)
        AS l(account text, amount_minor bigint)
    ), ${factParts(payment, fact)}
    SELECT EXISTS (SELECT 1 FROM updated) AS changed`;
  return rows[0]?.changed === true;
}

/** What the events of a refund tell of it. */
function aboutOf({ refund, to, failureCode }: RefundNote) {
  return {
    id: refund.refundId,
    amount: refund.amountMinor,
    status: to,
    reason: refund.reason,
    failure_code: failureCode,
  };
}

/** The payment was called failed or canceled because nothing was left of it, and now something is. */
function changeWithReview(
  prisma: PrismaClient,
  note: RefundNote,
  { refundedMinor }: Extract<RefundEffect, { readonly kind: 'review' }>,
): Promise<boolean> {
  const { payment, refundId, amountMinor } = note.refund;
  const message = `The refund ${refundId} of ${amountMinor} ${payment.currency} failed after it had succeeded.`;
  const failure = { code: failureCodes.refundFailedLate, declineCode: null, message };
  return prisma.$transaction(async (sql) => {
    if (!(await applyTransition(sql, { payment, to: 'needs_review', refundedMinor, failure }))) {
      return false;
    }
    await sql.$executeRaw`
      WITH updated AS (SELECT ${payment.paymentId}::text AS id, ${payment.currency}::text AS currency),
        ${rowPart(note)}
      SELECT 1 FROM refunded`;
    return true;
  });
}

/**
 * The part of a statement that writes the refund's own row, after a part `updated` with id and
 * currency of the payment.
 */
function rowPart({ refund, isNew, to, failureCode, providerRefundId }: RefundNote): Prisma.Sql {
  const succeededAt = Prisma.sql`CASE WHEN ${to}::text = 'succeeded' THEN clock_timestamp() END`;
  const providerId = providerRefundId ?? null;
  if (!isNew) {
    return Prisma.sql`refunded AS (
      UPDATE refunds r SET status = ${to}::text, failure_code = ${failureCode}::text,
        provider_refund_id = coalesce(r.provider_refund_id, ${providerId}::text),
        succeeded_at = coalesce(r.succeeded_at, ${succeededAt}), updated_at = clock_timestamp()
      FROM updated WHERE r.id = ${refund.refundId}::text AND r.status = ${refund.status}::text
      RETURNING r.id
    )`;
  }
  return Prisma.sql`refunded AS (
      INSERT INTO refunds (id, payment_id, amount_minor, currency, status, reason,
        provider_refund_id, failure_code, succeeded_at)
      SELECT ${refund.refundId}::text, id, ${refund.amountMinor}::bigint, currency, ${to}::text,
        ${refund.reason}::text, ${providerId}::text, ${failureCode}::text, ${succeededAt}
      FROM updated
      ON CONFLICT DO NOTHING
      RETURNING id
    )`;
}
