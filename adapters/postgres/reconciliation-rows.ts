import type {
  ReconciledPayment,
  ReconciledRefund,
  Run,
} from '../../application/ports/reconciliation-store';
import type { PaymentStatus } from '../../domain/payment-states';
import type { RefundStatus } from '../../domain/refund-states';
import { Prisma } from '../../generated/prisma/client';

export interface RunRow {
  id: string;
  window_from: Date;
  window_to: Date;
  phase: Run['place']['phase'];
  place: string | null;
}

export const runColumns = Prisma.sql`id, window_from, window_to, phase, place`;

export function fromDbRun(row: RunRow): Run {
  return {
    id: row.id,
    from: row.window_from,
    to: row.window_to,
    place: { phase: row.phase, after: row.place },
  };
}

export interface ReconciledPaymentRow {
  id: string;
  status: PaymentStatus;
  version: number;
  amount_minor: bigint;
  currency: string;
  held_minor: bigint;
  captured_minor: bigint;
  refunded_minor: bigint;
  pending_refund_minor: bigint;
  provider_intent_id: string | null;
  age_ms: number;
  is_asked: boolean;
}

export const paymentColumns = Prisma.sql`p.id, p.status, p.version, p.amount_minor, p.currency,
  p.held_minor, p.captured_minor, p.refunded_minor, p.provider_intent_id,
  coalesce((SELECT sum(r.amount_minor) FROM refunds r
    WHERE r.payment_id = p.id AND r.status = 'pending'), 0)::bigint AS pending_refund_minor,
  (extract(epoch FROM clock_timestamp() - p.updated_at) * 1000)::float8 AS age_ms,
  EXISTS (SELECT 1 FROM payment_requests q
    WHERE q.payment_id = p.id AND q.state = 'open') AS is_asked`;

export function fromDbReconciledPayment(row: ReconciledPaymentRow): ReconciledPayment {
  return {
    paymentId: row.id,
    intentId: row.provider_intent_id,
    status: row.status,
    version: row.version,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    heldMinor: Number(row.held_minor),
    capturedMinor: Number(row.captured_minor),
    refundedMinor: Number(row.refunded_minor),
    pendingRefundMinor: Number(row.pending_refund_minor),
    ageMs: row.age_ms,
    isAsked: row.is_asked,
  };
}

export interface ReconciledRefundRow {
  id: string;
  payment_id: string;
  status: RefundStatus;
  amount_minor: bigint;
  currency: string;
  provider_refund_id: string | null;
  age_ms: number;
}

export const refundColumns = Prisma.sql`r.id, r.payment_id, r.status, r.amount_minor, r.currency,
  r.provider_refund_id,
  (extract(epoch FROM clock_timestamp() - r.updated_at) * 1000)::float8 AS age_ms`;

export function fromDbReconciledRefund(row: ReconciledRefundRow): ReconciledRefund {
  return {
    refundId: row.id,
    paymentId: row.payment_id,
    providerRefundId: row.provider_refund_id,
    status: row.status,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    ageMs: row.age_ms,
  };
}
