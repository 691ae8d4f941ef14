import { Context } from '@temporalio/activity';
import { ProviderError } from '../application/ports/payment-provider';
import type { IntentSnapshot } from '../application/ports/payment-provider';
import type { Drift, ReconciledPayment } from '../application/ports/reconciliation-store';
import type { RepairInput, RepairResult } from '../contracts/reconciliation';
import {
  isOpenIntent,
  isStray,
  paymentDifferences,
  refundDifferences,
} from '../domain/reconciliation';
import { toFailure } from './errors';
import { intentOf, pageSize } from './reconcile-payments';
import type { ReconcileDependencies } from './reconcile-payments';
import { refundHere, refundThere } from './reconcile-refunds';

/**
 * Sees which drifts are gone and, when told to, asks for the repair of the others: the payment's saga
 * looks at the provider, or what the provider shows is applied to the records. No money is moved: the
 * one thing done at the provider is closing an intent that never held any and never will be used.
 * @throws ApplicationFailure of a type in `faultTypes`; repeating is harmless
 */
export function createRepairRecords(deps: ReconcileDependencies) {
  return async (input: RepairInput): Promise<RepairResult> => {
    try {
      return await repairAll(deps, input);
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

async function repairAll(deps: ReconcileDependencies, input: RepairInput): Promise<RepairResult> {
  let hopeful = 0;
  let after: string | null = null;
  for (;;) {
    const { runId } = input;
    const drifts: readonly Drift[] = await deps.reconciliation.openDrifts({
      runId,
      after,
      limit: pageSize,
    });
    for (const drift of drifts) {
      Context.current().heartbeat();
      if (await repairOne(deps, drift, input)) hopeful += 1;
    }
    after = drifts.at(-1)?.id ?? null;
    if (after === null) return { hopeful };
  }
}

interface Sides {
  readonly payment: ReconciledPayment | null;
  readonly intent: IntentSnapshot | null;
}

/** @returns whether it may be gone later */
async function repairOne(
  deps: ReconcileDependencies,
  drift: Drift,
  { runId, ask }: RepairInput,
): Promise<boolean> {
  const sides = await sidesOf(deps, drift);
  if (await isGone(deps, drift, sides)) {
    await deps.reconciliation.markRepaired(drift.id);
    return false;
  }
  if (sides.payment === null || drift.type === 'missing_there') return false;
  if (drift.type === 'missing_here') {
    return ask ? closeStray(deps, { ...sides, payment: sides.payment }) : false;
  }
  if (ask) await correct(deps, runId, sides.payment.paymentId);
  return true;
}

async function sidesOf(deps: ReconcileDependencies, drift: Drift): Promise<Sides> {
  const { paymentId, evidence } = drift;
  const [payment = null] =
    paymentId === null
      ? []
      : await deps.reconciliation.payments({ intentIds: [], paymentIds: [paymentId] });
  const intent = await intentOf(deps, evidence.intent_id ?? payment?.intentId ?? null);
  return { payment, intent };
}

async function isGone(
  deps: ReconcileDependencies,
  drift: Drift,
  { payment, intent }: Sides,
): Promise<boolean> {
  switch (drift.type) {
    case 'missing_here':
      if (intent === null || payment?.intentId === intent.id) return true;
      return payment !== null && intent.status === 'canceled' && intent.capturedMinor === 0;
    case 'missing_there':
      return intent !== null;
    case 'amount':
    case 'status':
      if (payment === null || intent === null) return false;
      return paymentDifferences(payment, intent).every(({ type }) => type !== drift.type);
    case 'refund_missing_here':
    case 'refund_missing_there':
    case 'refund_amount':
    case 'refund_status':
      return isRefundGone(deps, drift);
    default:
      return drift.type satisfies never;
  }
}

async function isRefundGone(deps: ReconcileDependencies, drift: Drift): Promise<boolean> {
  const there = await refundThere(deps, drift.evidence.provider_refund_id ?? null);
  if (there === null) return false;
  const ours = await deps.reconciliation.refunds({
    providerRefundIds: [there.id],
    refundIds: there.refundId === null ? [] : [there.refundId],
  });
  const here = refundHere(ours, there);
  if (here === undefined) return false;
  return refundDifferences(here, there).every(({ type }) => type !== drift.type);
}

/** @returns whether it is worth another look */
async function closeStray(
  { provider, log }: ReconcileDependencies,
  { payment, intent }: Sides & { readonly payment: ReconciledPayment },
): Promise<boolean> {
  if (intent === null || !isOpenIntent(intent) || !isStray(payment, intent.id)) return false;
  const fields = { paymentId: payment.paymentId, intentId: intent.id };
  try {
    await provider.cancelIntent({
      idempotencyKey: `reconcile:${intent.id}:cancel`,
      intentId: intent.id,
      params: { reason: 'abandoned' },
    });
    log.warn(fields, 'a stray intent was closed');
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    // It stays a drift of this run; the run itself goes on.
    log.error({ ...fields, reason: error.message }, 'a stray intent could not be closed');
  }
  return true;
}

async function correct(
  { news }: ReconcileDependencies,
  runId: string,
  paymentId: string,
): Promise<void> {
  if (await news.tellPayment(paymentId)) return;
  await news.applyFact({ paymentId, cause: `reconcile:${runId}:${paymentId}` });
}
