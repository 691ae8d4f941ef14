import { StoreRefused } from '../../application/ports/saga-store';
import type { SagaPayment } from '../../application/ports/saga-store';
import type { FeatureFlags } from '../../contracts/flags';
import { Prisma } from '../../generated/prisma/client';
import { exactNumber, failureOf } from './payment-row';

export interface PaymentRow {
  id: string;
  merchant_id: string;
  status: SagaPayment['status'];
  version: number;
  amount_minor: bigint;
  currency: string;
  held_minor: bigint;
  captured_minor: bigint;
  refunded_minor: bigint;
  payment_method: string | null;
  capture_method: SagaPayment['captureMethod'];
  confirmation: SagaPayment['confirmation'];
  customer: string | null;
  off_session: boolean;
  setup_future_usage: SagaPayment['setupFutureUsage'];
  return_url: string | null;
  hold_policy: SagaPayment['holdPolicy'];
  reference: string | null;
  description: string | null;
  metadata: Record<string, string>;
  flags: FeatureFlags;
  provider_intent_id: string | null;
  undo_started: boolean;
  cancel_request_id: string | null;
  failure_code: string | null;
  decline_code: string | null;
  failure_message: string | null;
  traceparent: string | null;
}

export const paymentColumns = Prisma.sql`
  id, merchant_id, status, version, amount_minor, currency, held_minor, captured_minor,
  refunded_minor, payment_method, capture_method, confirmation, customer, off_session,
  setup_future_usage, return_url, hold_policy, reference, description, metadata, flags,
  provider_intent_id,
  (
    SELECT q.id FROM payment_requests q
    WHERE q.payment_id = payments.id AND q.state = 'open' AND q.kind = 'cancel'
  ) AS cancel_request_id, undo_started_at IS NOT NULL AS undo_started, failure_code, decline_code, failure_message,
  traceparent`;

/** The payment of a row. @throws StoreRefused for an amount above 2^53, which no legal row has */
export function fromDbPayment(row: PaymentRow): SagaPayment {
  return {
    paymentId: row.id,
    merchantId: row.merchant_id,
    status: row.status,
    version: row.version,
    amountMinor: exactMinor(row.amount_minor),
    currency: row.currency,
    heldMinor: exactMinor(row.held_minor),
    capturedMinor: exactMinor(row.captured_minor),
    refundedMinor: exactMinor(row.refunded_minor),
    paymentMethod: row.payment_method,
    captureMethod: row.capture_method,
    confirmation: row.confirmation,
    customer: row.customer,
    offSession: row.off_session,
    setupFutureUsage: row.setup_future_usage,
    returnUrl: row.return_url,
    holdPolicy: row.hold_policy,
    reference: row.reference,
    description: row.description,
    metadata: row.metadata,
    flags: row.flags,
    intentId: row.provider_intent_id,
    undoStarted: row.undo_started,
    cancelRequestId: row.cancel_request_id,
    failure: failureOf(row),
    traceparent: row.traceparent,
  };
}

function exactMinor(value: bigint): number {
  try {
    return exactNumber(value);
  } catch (error) {
    throw new StoreRefused('an amount of the payment is not exact as a number', { cause: error });
  }
}
