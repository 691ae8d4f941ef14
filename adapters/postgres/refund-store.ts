import type { RefundSnapshot } from '../../application/ports/payment-provider';
import type { RefundChange, RefundStore, SagaRefund } from '../../application/ports/refund-store';
import { StoreUnavailable } from '../../application/ports/saga-store';
import { refundEffect } from '../../domain/refund-news';
import type { RefundEffect } from '../../domain/refund-news';
import type { PrismaClient } from '../../generated/prisma/client';
import { changeRefund } from './refund-change';
import type { RefundNote } from './refund-change';
import { findNamedRefund, findRefund, findUnheardRefund, noteProviderId } from './refund-rows';
import { guarded } from './store-errors';

// Every change of the payment in between costs a turn; twenty refunds of one payment that end at
// once are through within as many.
const maxTurns = 30;

/** The refunds of payments in Postgres. */
export function createRefundStore(prisma: PrismaClient): RefundStore {
  return {
    find: (refundId) => guarded('find refund', () => findRefund(prisma, refundId)),
    apply: (snapshot, { isBySaga } = { isBySaga: false }) =>
      guarded('apply refund', () => inTurns(() => apply(prisma, { snapshot, isBySaga }))),
    end: ({ refundId, status, failureCode }) =>
      guarded('end refund', () =>
        inTurns(async () => {
          const refund = await findRefund(prisma, refundId);
          if (refund === null) return { kind: 'foreign' };
          // One that the provider knows ends as the provider says.
          if (refund.providerRefundId !== null) return { kind: 'unchanged', refund };
          return change(prisma, { refund, isNew: false, to: status, failureCode });
        }),
      ),
  };
}

/** Reads and compares again until nothing came in between. @throws StoreUnavailable */
async function inTurns(turn: () => Promise<RefundChange | 'moved_on'>): Promise<RefundChange> {
  for (let turns = 0; turns < maxTurns; turns += 1) {
    const outcome = await turn();
    if (outcome !== 'moved_on') return outcome;
  }
  throw new StoreUnavailable('the payment of the refund keeps changing');
}

interface Told {
  readonly snapshot: RefundSnapshot;
  readonly isBySaga: boolean;
}

async function apply(
  prisma: PrismaClient,
  { snapshot, isBySaga }: Told,
): Promise<RefundChange | 'moved_on'> {
  // The payment is read before it is known that its refund is new: one that is added in between
  // changes the payment's version, which is compared.
  const unheard = await findUnheardRefund(prisma, snapshot);
  const known = await findNamedRefund(prisma, snapshot);
  const refund = known ?? unheard;
  if (refund === null) return { kind: 'foreign' };
  return change(prisma, {
    refund,
    isNew: known === null,
    to: snapshot.status === 'requires_action' ? 'pending' : snapshot.status,
    failureCode: snapshot.failureReason,
    providerRefundId: snapshot.id,
    isBySaga,
  });
}

interface News extends RefundNote {
  readonly isBySaga?: boolean;
}

async function change(prisma: PrismaClient, news: News): Promise<RefundChange | 'moved_on'> {
  const { refund, isNew, to, isBySaga = false } = news;
  const { payment, amountMinor } = refund;
  const from = isNew ? null : refund.status;
  const effect = refundEffect({ payment, isBySaga, amountMinor, from, to });
  if (effect.kind === 'early') return { kind: 'early', paymentId: payment.paymentId };
  if (effect.kind === 'nothing') {
    return { kind: 'unchanged', refund: await noteProviderId(prisma, news) };
  }
  if (!(await changeRefund(prisma, news, effect))) return 'moved_on';
  const changed = changedRefund(news, effect);
  return {
    kind: 'applied',
    refund: changed,
    refundedMinor: changed.payment.refundedMinor - payment.refundedMinor,
    event: effect.kind === 'fact' ? effect.event : null,
    isParked: effect.kind === 'review',
  };
}

function changedRefund(
  { refund, to, failureCode, providerRefundId }: RefundNote,
  effect: RefundEffect,
): SagaRefund {
  const { payment } = refund;
  const changed = {
    ...refund,
    status: to,
    failureCode,
    providerRefundId: refund.providerRefundId ?? providerRefundId ?? null,
  };
  if (!('refundedMinor' in effect)) return changed;
  const status = effect.kind === 'review' ? ('needs_review' as const) : payment.status;
  const { refundedMinor } = effect;
  return {
    ...changed,
    payment: { ...payment, status, refundedMinor, version: payment.version + 1 },
  };
}
