import type { Scope } from '../contracts/api-payment';
import type { ApiSafeAction, ApiTimeline, ApiTimelineEntry } from '../contracts/api-timeline';
import { explainPayment, safeActions } from '../domain/explain-payment';
import type { PaymentAction } from '../domain/explain-payment';
import type { PaymentReader, PaymentRecord } from './ports/payment-reader';
import type { TimelineEntry, TimelineReader } from './ports/timeline-reader';
import { textOf } from './timeline-text';

export interface TimelineDeps {
  readonly payments: Pick<PaymentReader, 'find'>;
  readonly timelines: TimelineReader;
}

export type ReadTimeline = (of: {
  readonly merchantId: string;
  readonly paymentId: string;
}) => Promise<ApiTimeline | null>;

/**
 * All that is stored of a payment, told in order, with what is safe to do about it now. Null for a
 * payment that this merchant has not. Asks nobody but the database, so that it is there when the
 * others are away.
 */
export function createReadTimeline({ payments, timelines }: TimelineDeps): ReadTimeline {
  return async (of) => {
    const payment = await payments.find(of);
    if (payment === null) return null;
    const entries = await timelines.read(payment.id);
    return {
      object: 'timeline',
      payment: payment.id,
      status: payment.status,
      summary: explainPayment(payment),
      actions: actionsOf(payment),
      entries: entries.map((entry) => toApiEntry(payment, entry)),
    };
  };
}

const places: Readonly<Record<PaymentAction, { readonly verb: string; readonly scope: Scope }>> = {
  capture: { verb: 'capture', scope: 'write' },
  cancel: { verb: 'cancel', scope: 'write' },
  refund: { verb: 'refunds', scope: 'refund' },
  retry_compensation: { verb: 'retry_compensation', scope: 'operate' },
  resolve: { verb: 'resolve', scope: 'operate' },
  sync: { verb: 'sync', scope: 'write' },
};

function actionsOf(payment: PaymentRecord): ApiSafeAction[] {
  return safeActions(payment).map(({ action, amountMinor }) => ({
    action,
    method: 'POST',
    path: `/v1/payments/${payment.id}/${places[action].verb}`,
    scope: places[action].scope,
    amount_available: amountMinor,
  }));
}

function toApiEntry({ currency }: PaymentRecord, entry: TimelineEntry): ApiTimelineEntry {
  const { at, kind, details } = entry;
  return { at: at.toISOString(), kind, text: textOf(entry, currency), details: { ...details } };
}
