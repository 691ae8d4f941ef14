import type { SagaStore } from '../../application/ports/saga-store';
import type { Answered } from '../../contracts/provider-answers';
import type { PrismaClient } from '../../generated/prisma/client';
import { noteFact } from './fact';
import { refuseRequest } from './payment-requests';
import { insertRequest, latestRequest, noteAnswers } from './provider-requests';
import { fromDbPayment, paymentColumns } from './saga-payment-row';
import type { PaymentRow } from './saga-payment-row';
import { guarded } from './store-errors';
import { applyTransition } from './transition';
import { markEventPublished, unpublishedEvents } from './unpublished-events';

/** The saga's rows in Postgres. Each method is one statement, or a statement and a read. */
export function createSagaStore(prisma: PrismaClient): SagaStore {
  return {
    load: (paymentId) => guarded('load payment', () => load(prisma, paymentId)),
    transition: (change) => guarded('change status', () => applyTransition(prisma, change)),
    noteFact: (note) => guarded('note fact', () => noteFact(prisma, note)),
    refuseRequest: (refused) => guarded('refuse request', () => refuseRequest(prisma, refused)),
    storeIntent: (link) => guarded('store intent', () => storeIntent(prisma, link)),
    beginUndo: (paymentId) => guarded('begin undo', () => beginUndo(prisma, paymentId)),
    latestRequest: (of) => guarded('read request', () => latestRequest(prisma, of)),
    addRequest: (request) =>
      guarded('store request', async () => {
        await insertRequest(prisma, request);
        const latest = await latestRequest(prisma, request);
        if (latest === null) throw new Error('a request that was just stored is missing');
        return latest;
      }),
    unpublishedEvents: (paymentId) =>
      guarded('read events', () => unpublishedEvents(prisma, paymentId)),
    markPublished: (eventId) => guarded('mark event', () => markEventPublished(prisma, eventId)),
  };
}

async function load(prisma: PrismaClient, paymentId: string) {
  const [row] = await prisma.$queryRaw<PaymentRow[]>`
    SELECT ${paymentColumns} FROM payments WHERE id = ${paymentId}::text`;
  return row === undefined ? null : fromDbPayment(row);
}

async function storeIntent(
  prisma: PrismaClient,
  link: Readonly<{ paymentId: string; intentId: string }> & Answered,
): Promise<boolean> {
  const rows = await prisma.$queryRaw<{ stored: number }[]>`
    WITH updated AS (
      UPDATE payments
      SET provider_intent_id = ${link.intentId}::text, updated_at = clock_timestamp()
      WHERE id = ${link.paymentId}::text AND status = 'processing' AND undo_started_at IS NULL
        AND (provider_intent_id IS NULL OR provider_intent_id = ${link.intentId}::text)
      RETURNING id
    ), ${noteAnswers(link)}
    SELECT count(*)::integer AS stored FROM updated`;
  return rows[0]?.stored === 1;
}

async function beginUndo(prisma: PrismaClient, paymentId: string) {
  const [row] = await prisma.$queryRaw<PaymentRow[]>`
    UPDATE payments
    SET undo_started_at = coalesce(undo_started_at, clock_timestamp()),
      updated_at = clock_timestamp()
    WHERE id = ${paymentId}::text
    RETURNING ${paymentColumns}`;
  return row === undefined ? null : fromDbPayment(row);
}
