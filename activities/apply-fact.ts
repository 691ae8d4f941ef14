import type { IntentSnapshot } from '../application/ports/payment-provider';
import type { SagaPayment, StatusChange } from '../application/ports/saga-store';
import { failureCodes, faultTypes } from '../contracts/saga';
import type { ApplyFactInput, ApplyFactResult } from '../contracts/saga';
import { announce } from './announce';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';
import { standingOf } from './read-provider';
import { noteOutcome } from './record-outcome';
import { refundedAtProvider } from './refund-captured';
import { tellRefund } from './tell-refund';

/**
 * Applies to a payment what the provider shows of it, where no saga is left to hear of it: the live
 * objects decide, so that news which are late, repeated or out of order change nothing. Money that
 * came after the end parks the payment. A payment that is pending or processing is left to its saga.
 * Crash points: between any two writes (each is done once, and the next attempt reads anew).
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createApplyFact(deps: ActivityDependencies) {
  return async ({ paymentId }: ApplyFactInput): Promise<ApplyFactResult> => {
    try {
      return await applyShown(deps, paymentId);
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

async function applyShown(deps: ActivityDependencies, paymentId: string): Promise<ApplyFactResult> {
  const payment = await load(deps, paymentId);
  const { status, intentId } = payment;
  if (intentId === null || status === 'pending' || status === 'processing') {
    return { status, changed: [] };
  }
  const intent = await deps.provider.retrieveIntent(intentId);
  const changed = await applyCharge(deps, payment, intent);
  if (intent.chargeId !== null) {
    changed.push(...(await applyRefunds(deps, intentId)));
    changed.push(...(await applyDisputes(deps, payment, intentId)));
  }
  const after = await load(deps, paymentId);
  // Also when nothing is new: an earlier attempt may have written it and died before this.
  await announce(deps, after);
  return { status: after.status, changed };
}

async function load(deps: ActivityDependencies, paymentId: string): Promise<SagaPayment> {
  const payment = await deps.store.load(paymentId);
  if (payment !== null) return payment;
  throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} does not exist`);
}

async function applyCharge(
  deps: ActivityDependencies,
  payment: SagaPayment,
  intent: IntentSnapshot,
): Promise<string[]> {
  const change = await changeOf(deps, payment, intent);
  if (change === null) return [];
  if (!(await deps.store.transition(change))) throw movedOn();
  const { to: status, failure = null, heldMinor, capturedMinor } = change;
  const figures = {
    ...(heldMinor === undefined ? {} : { heldMinor }),
    ...(capturedMinor === undefined ? {} : { capturedMinor }),
  };
  if (status !== 'authorized') {
    noteOutcome(deps, payment, { paymentId: payment.paymentId, status, failure, ...figures });
  }
  return [status];
}

type Change = StatusChange & {
  readonly to: 'authorized' | 'succeeded' | 'canceled' | 'needs_review';
};

/** Null where the row says the same already, or nothing that is final is shown yet. */
async function changeOf(
  deps: ActivityDependencies,
  payment: SagaPayment,
  intent: IntentSnapshot,
): Promise<Change | null> {
  const { status } = payment;
  if (status === 'requires_action' || status === 'authorized') {
    return waitingChange(payment, intent);
  }
  const isUndone = status === 'failed' || status === 'canceled';
  return isUndone ? lateChange(deps, payment, intent) : null;
}

/** What was done at the provider while no saga ran: by hand, or by the end of the hold. */
function waitingChange(payment: SagaPayment, intent: IntentSnapshot): Change | null {
  if (!['succeeded', 'canceled', 'requires_capture'].includes(intent.status)) return null;
  const answer = standingOf(payment, intent);
  if (answer.kind === 'canceled') {
    return { payment, to: 'canceled', heldMinor: 0, failure: answer.failure };
  }
  if (answer.kind === 'captured') {
    const { capturedMinor, chargeId } = answer;
    const change = { payment, to: 'succeeded', heldMinor: 0, capturedMinor } as const;
    return { ...change, ...chargeOf(chargeId), failure: null };
  }
  if (answer.kind !== 'authorized' || payment.status === 'authorized') return null;
  const { heldMinor, captureBefore, chargeId } = answer;
  const change = { payment, to: 'authorized', heldMinor, captureBefore } as const;
  return { ...change, ...chargeOf(chargeId), failure: null };
}

function chargeOf(chargeId: string | null): { readonly chargeId?: string } {
  return chargeId === null ? {} : { chargeId };
}

/** The payment was ended because nothing was left of it, and now there is. */
async function lateChange(
  deps: ActivityDependencies,
  payment: SagaPayment,
  intent: IntentSnapshot,
): Promise<Change | null> {
  const review = { payment, to: 'needs_review', failure: moneyCameLate } as const;
  const late = { ...review, ...chargeOf(intent.chargeId) };
  if (intent.status === 'requires_capture') {
    return { ...late, heldMinor: intent.capturableMinor };
  }
  if (intent.status !== 'succeeded' || intent.capturedMinor <= payment.capturedMinor) return null;
  const refunded = refundedAtProvider(await deps.provider.listRefunds(intent.id));
  return intent.capturedMinor > refunded ? { ...late, capturedMinor: intent.capturedMinor } : null;
}

const moneyCameLate = {
  code: failureCodes.moneyCameLate,
  declineCode: null,
  message: 'Money arrived at the payment provider after the payment had ended.',
};

/** Oldest first, so that events tell them in the order they were made. */
async function applyRefunds(deps: ActivityDependencies, intentId: string): Promise<string[]> {
  const refunds = await deps.provider.listRefunds(intentId);
  const changed: string[] = [];
  for (const refund of refunds.toReversed()) {
    const change = await tellRefund(deps, refund);
    if (change.kind === 'applied') changed.push(change.refund.refundId);
  }
  return changed;
}

async function applyDisputes(
  deps: ActivityDependencies,
  { paymentId }: SagaPayment,
  intentId: string,
): Promise<string[]> {
  const disputes = await deps.provider.listDisputes(intentId);
  const changed: string[] = [];
  for (const dispute of disputes.toReversed()) {
    // One that is over when it is first heard of is told as opened, and then as closed.
    for (let tellings = 0; tellings < 2; tellings += 1) {
      const payment = await load(deps, paymentId);
      const { event, isWritten } = await deps.disputes.tell({ payment, dispute });
      if (!isWritten) throw movedOn();
      if (event === null) break;
      const { id: disputeId, status, reason } = dispute;
      deps.log.warn({ paymentId, disputeId, status, reason }, event);
      changed.push(disputeId);
    }
  }
  return changed;
}

function movedOn(): ActivityFault {
  return new ActivityFault(faultTypes.storeConflict, 'the payment moved on, it is read again');
}
