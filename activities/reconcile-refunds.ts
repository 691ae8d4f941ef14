import { ProviderError } from '../application/ports/payment-provider';
import type { RefundSnapshot } from '../application/ports/payment-provider';
import type {
  NewDrift,
  PageResult,
  ReconciledRefund,
  Run,
} from '../application/ports/reconciliation-store';
import { refundDifferences } from '../domain/reconciliation';
import { each, nothing, pageSize, sumOf } from './reconcile-payments';
import type { Finding, ReconcileDependencies } from './reconcile-payments';

const inFlight: Finding = { drifts: [], inFlight: 1 };

/** A page of the provider's refunds, each against ours, or against the payment it was taken from. */
export async function compareRefunds(
  deps: ReconcileDependencies,
  run: Run,
  graceMs: number,
): Promise<PageResult> {
  const page = await deps.listing.refunds({ from: run.from, to: run.to, after: run.place.after });
  const there = page.objects;
  const ours = await deps.reconciliation.refunds({
    providerRefundIds: there.map(({ id }) => id),
    refundIds: there.flatMap(({ refundId }) => refundId ?? []),
  });
  const payments = await deps.reconciliation.payments({
    intentIds: there.flatMap(({ intentId }) => intentId ?? []),
    paymentIds: [],
  });
  const paymentIds = new Map(payments.map(({ intentId, paymentId }) => [intentId, paymentId]));
  const findings = await each(there, async (refund) => {
    const here = refundHere(ours, refund);
    if (here !== undefined) return compareOne(deps, { here, there: refund, graceMs });
    return unstored(refund, paymentIds.get(refund.intentId) ?? null);
  });
  const sum = sumOf(findings);
  return {
    run,
    ...sum,
    next:
      page.next === null
        ? { phase: 'payments', after: null }
        : { phase: 'refunds', after: page.next },
    seen: there.map(({ id }) => id),
    refunds: there.length,
    foreign: sum.foreign + page.unreadable,
  };
}

/** Ours of a refund of the provider's: by the stored id first, by its mark second. */
export function refundHere(
  ours: readonly ReconciledRefund[],
  there: RefundSnapshot,
): ReconciledRefund | undefined {
  return (
    ours.find(({ providerRefundId }) => providerRefundId === there.id) ??
    ours.find(({ refundId, providerRefundId }) => {
      return refundId === there.refundId && providerRefundId === null;
    })
  );
}

/** A page of our refunds that the provider did not list. */
export async function compareUnseenRefunds(
  deps: ReconcileDependencies,
  run: Run,
  graceMs: number,
): Promise<PageResult> {
  const ours = await deps.reconciliation.unseenRefunds({ run, limit: pageSize });
  const findings = await each(ours, async (here) => {
    const there = await refundThere(deps, here.providerRefundId);
    if (there !== null) return compareOne(deps, { here, there, graceMs });
    return { drifts: [driftOf('refund_missing_there', { here, there: null })] };
  });
  const last = ours.at(-1)?.refundId;
  const isLast = last === undefined || ours.length < pageSize;
  return {
    run,
    ...sumOf(findings),
    next: isLast ? { phase: 'repairs', after: null } : { phase: 'own_refunds', after: last },
    seen: [],
  };
}

/** The live refund; null where the provider does not have it. */
export async function refundThere(
  { provider }: Pick<ReconcileDependencies, 'provider'>,
  providerRefundId: string | null,
): Promise<RefundSnapshot | null> {
  if (providerRefundId === null) return null;
  try {
    return await provider.retrieveRefund(providerRefundId);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'not_found') return null;
    throw error;
  }
}

interface Pair {
  readonly here: ReconciledRefund;
  readonly there: RefundSnapshot;
  readonly graceMs: number;
}

async function compareOne(deps: ReconcileDependencies, pair: Pair): Promise<Finding> {
  if (refundDifferences(pair.here, pair.there).length === 0) return nothing;
  if (pair.here.ageMs < pair.graceMs) return inFlight;
  const there = await refundThere(deps, pair.there.id);
  const [here] = await deps.reconciliation.refunds({
    providerRefundIds: [],
    refundIds: [pair.here.refundId],
  });
  if (here === undefined || there === null) return inFlight;
  const drifts = refundDifferences(here, there).map(({ type }) => driftOf(type, { here, there }));
  return { drifts };
}

/** A refund that is not among ours: made by hand at the provider, or never stored. */
function unstored(there: RefundSnapshot, paymentId: string | null): Finding {
  if (paymentId === null && there.refundId === null) return { drifts: [], foreign: 1 };
  // One that came to nothing took nothing.
  if (there.status === 'failed' || there.status === 'canceled') return nothing;
  const drift: NewDrift = {
    type: 'refund_missing_here',
    subject: there.id,
    paymentId,
    evidence: { here: null, there: shownThere(there), provider_refund_id: there.id },
  };
  return { drifts: [drift] };
}

function driftOf(
  type: NewDrift['type'],
  { here, there }: { readonly here: ReconciledRefund; readonly there: RefundSnapshot | null },
): NewDrift {
  const { refundId, paymentId, status, currency, amountMinor, providerRefundId } = here;
  return {
    type,
    subject: refundId,
    paymentId,
    evidence: {
      here: { refund_id: refundId, status, currency, amount: amountMinor },
      there: there === null ? null : shownThere(there),
      provider_refund_id: there?.id ?? providerRefundId,
    },
  };
}

function shownThere(refund: RefundSnapshot): object {
  const { refundId, intentId, status, currency, amountMinor } = refund;
  return { refund_id: refundId, intent_id: intentId, status, currency, amount: amountMinor };
}
