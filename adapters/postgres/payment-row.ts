import type { NextActionType } from '../../contracts/api-payment';
import type {
  DisputeRecord,
  PaymentRecord,
  PaymentRequestRecord,
  RefundRecord,
} from '../../application/ports/payment-reader';
import type { FeatureFlags } from '../../contracts/flags';
import { Prisma } from '../../generated/prisma/client';

/** What `paymentFields` selects; CHECK constraints hold the closed sets of words. */
export interface PaymentRow {
  id: string;
  merchant_id: string;
  status: PaymentRecord['status'];
  version: number;
  amount_minor: bigint;
  held_minor: bigint;
  captured_minor: bigint;
  refunded_minor: bigint;
  currency: string;
  payment_method: string | null;
  capture_method: PaymentRecord['captureMethod'];
  confirmation: PaymentRecord['confirmation'];
  customer: string | null;
  off_session: boolean;
  setup_future_usage: PaymentRecord['setupFutureUsage'];
  return_url: string | null;
  hold_policy: PaymentRecord['holdPolicy'];
  capture_before: Date | null;
  reference: string | null;
  once_per_reference: boolean;
  description: string | null;
  metadata: Record<string, string>;
  flags: FeatureFlags;
  failure_code: string | null;
  decline_code: string | null;
  failure_message: string | null;
  traceparent: string | null;
  provider_intent_id: string | null;
  action_type: NextActionType | null;
  created_at: Date;
  updated_at: Date;
  open_request: RequestRow | null;
  refunds: RefundRow[];
  disputes: DisputeRow[];
}

interface RequestRow {
  id: string;
  kind: PaymentRequestRecord['kind'];
  amount_minor: string | null;
  created_at_ms: number;
}

/** A refund as JSON of the database. */
export interface RefundRow {
  id: string;
  payment_id: string;
  /** As text: a JSON number would lose digits above 2^53 before they could be checked. */
  amount_minor: string;
  currency: string;
  status: RefundRecord['status'];
  reason: RefundRecord['reason'];
  provider_reason: RefundRecord['providerReason'];
  failure_code: string | null;
  metadata: Record<string, string>;
  created_at_ms: number;
  updated_at_ms: number;
}

interface DisputeRow {
  id: string;
  amount_minor: string;
  currency: string;
  status: string;
  reason: string;
  opened_at_ms: number;
  closed_at_ms: number | null;
}

/** The JSON of `refunds AS r` that `fromDbRefund` reads. */
export const refundJson = Prisma.sql`
  jsonb_build_object('id', r.id, 'payment_id', r.payment_id, 'amount_minor', r.amount_minor::text,
    'currency', r.currency, 'status', r.status, 'reason', r.reason,
    'provider_reason', r.provider_reason, 'failure_code', r.failure_code, 'metadata', r.metadata,
    'created_at_ms', extract(epoch FROM r.created_at) * 1000,
    'updated_at_ms', extract(epoch FROM r.updated_at) * 1000)`;

/** The columns of `payments AS p`, with its refunds and disputes, oldest first. */
export const paymentFields = Prisma.sql`
  p.id, p.merchant_id, p.status, p.version, p.amount_minor, p.held_minor, p.captured_minor,
  p.refunded_minor, p.currency, p.payment_method, p.capture_method, p.confirmation, p.customer,
  p.off_session, p.setup_future_usage, p.return_url, p.hold_policy, p.capture_before, p.reference,
  p.once_per_reference, p.description, p.metadata, p.flags,
  p.failure_code, p.decline_code, p.failure_message, p.traceparent, p.provider_intent_id,
  p.action_type, p.created_at, p.updated_at,
  (
    SELECT jsonb_build_object('id', q.id, 'kind', q.kind, 'amount_minor', q.amount_minor::text,
      'created_at_ms', extract(epoch FROM q.created_at) * 1000)
    FROM payment_requests q WHERE q.payment_id = p.id AND q.state = 'open'
  ) AS open_request,
  coalesce((
    SELECT jsonb_agg(${refundJson} ORDER BY r.created_at, r.id)
    FROM refunds r WHERE r.payment_id = p.id
  ), '[]'::jsonb) AS refunds,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', d.id, 'amount_minor', d.amount_minor::text,
      'currency', d.currency, 'status', d.status, 'reason', d.reason,
      'opened_at_ms', extract(epoch FROM d.opened_at) * 1000,
      'closed_at_ms', extract(epoch FROM d.closed_at) * 1000) ORDER BY d.opened_at, d.id)
    FROM disputes d WHERE d.payment_id = p.id
  ), '[]'::jsonb) AS disputes`;

/** The payment of a row. @throws RangeError for an amount above 2^53, which no legal row has */
export function fromDbPayment(row: PaymentRow): PaymentRecord {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    status: row.status,
    version: row.version,
    amountMinor: exactNumber(row.amount_minor),
    heldMinor: exactNumber(row.held_minor),
    capturedMinor: exactNumber(row.captured_minor),
    refundedMinor: exactNumber(row.refunded_minor),
    currency: row.currency,
    paymentMethod: row.payment_method,
    captureMethod: row.capture_method,
    confirmation: row.confirmation,
    customer: row.customer,
    offSession: row.off_session,
    setupFutureUsage: row.setup_future_usage,
    returnUrl: row.return_url,
    holdPolicy: row.hold_policy,
    captureBefore: row.capture_before,
    reference: row.reference,
    oncePerReference: row.once_per_reference,
    description: row.description,
    metadata: row.metadata,
    flags: row.flags,
    failure: failureOf(row),
    traceparent: row.traceparent,
    intentId: row.provider_intent_id,
    actionType: row.action_type,
    openRequest: row.open_request && fromDbRequest(row.open_request),
    refunds: row.refunds.map(fromDbRefund),
    disputes: row.disputes.map(fromDbDispute),
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

function fromDbRequest(row: RequestRow): PaymentRequestRecord {
  return {
    id: row.id,
    kind: row.kind,
    amountMinor: row.amount_minor === null ? null : exactNumber(row.amount_minor),
    createdAt: new Date(row.created_at_ms),
  };
}

/** The refund of a row. @throws RangeError for an amount above 2^53, which no legal row has */
export function fromDbRefund(row: RefundRow): RefundRecord {
  return {
    id: row.id,
    paymentId: row.payment_id,
    amountMinor: exactNumber(row.amount_minor),
    currency: row.currency,
    status: row.status,
    reason: row.reason,
    providerReason: row.provider_reason,
    failureCode: row.failure_code,
    metadata: row.metadata,
    createdAt: new Date(row.created_at_ms),
    updatedAt: new Date(row.updated_at_ms),
  };
}

function fromDbDispute(row: DisputeRow): DisputeRecord {
  return {
    id: row.id,
    amountMinor: exactNumber(row.amount_minor),
    currency: row.currency,
    status: row.status,
    reason: row.reason,
    openedAt: new Date(row.opened_at_ms),
    closedAt: row.closed_at_ms === null ? null : new Date(row.closed_at_ms),
  };
}
