import type { IntentSnapshot } from '../application/ports/payment-provider';
import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderRequest, SagaPayment } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import type { FundsReport, ReleaseInput, ReleaseMode } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';
import { answeredBy, isForgotten, isSpent, renewRequest } from './provider-keys';
import { keepRefunds, refundRest, refundedAtProvider } from './refund-captured';

interface Release {
  readonly deps: ActivityDependencies;
  readonly payment: SagaPayment;
  readonly mode: ReleaseMode;
}

const nothing: FundsReport = { heldMinor: 0, capturedMinor: 0, refundedMinor: 0 };
// A cancel refused by the state is followed by a read and another look; states change at most
// twice on the way to an end, and an attempt that needs more comes back after its backoff.
const maxLooks = 3;

/**
 * Resolves where the money is, and brings it back as far as the mode allows. Safe to repeat.
 * Crash points: after_undo_started (the fence stands, nothing was sent), mid_compensation (the
 * provider has undone it and no row says so: the next attempt reads that and does nothing).
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createReleaseFunds(deps: ActivityDependencies) {
  return async ({ paymentId, mode }: ReleaseInput): Promise<FundsReport> => {
    try {
      const report = await release(deps, { paymentId, mode });
      if (mode === 'undo') {
        deps.metrics.compensated(report.refundedMinor > 0 ? 'refunded' : 'released');
      }
      return report;
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

async function release(
  deps: ActivityDependencies,
  { paymentId, mode }: ReleaseInput,
): Promise<FundsReport> {
  const payment =
    mode === 'inspect' ? await deps.store.load(paymentId) : await deps.store.beginUndo(paymentId);
  if (payment === null) {
    throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} does not exist`);
  }
  deps.crashPoints.reach('after_undo_started');
  // An intent is stored before it is confirmed, and now none can be stored: nothing was charged.
  if (payment.intentId === null) return nothing;
  return settle({ deps, payment, mode }, await deps.provider.retrieveIntent(payment.intentId));
}

async function settle(step: Release, intent: IntentSnapshot, looks = 1): Promise<FundsReport> {
  switch (intent.status) {
    case 'canceled':
      return nothing;
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
      if (step.mode === 'inspect') throw stillOpen(intent);
      return cancel(step, intent, looks);
    case 'requires_capture':
      return step.mode === 'undo'
        ? cancel(step, intent, looks)
        : { ...nothing, heldMinor: intent.capturableMinor };
    case 'processing':
      throw new ActivityFault(faultTypes.unfinished, 'the provider is still processing the charge');
    case 'succeeded':
      return settleCaptured(step, intent);
    default:
      return intent.status satisfies never;
  }
}

async function settleCaptured(step: Release, intent: IntentSnapshot): Promise<FundsReport> {
  const { deps, payment, mode } = step;
  if (mode === 'undo') return refundRest(deps, { payment, intent });
  const refunds = await deps.provider.listRefunds(intent.id);
  await keepRefunds(deps, refunds);
  return {
    heldMinor: 0,
    capturedMinor: intent.capturedMinor,
    refundedMinor: refundedAtProvider(refunds),
  };
}

/** It can still be charged, so no figures settle the payment: undoing cancels it. */
function stillOpen({ status }: IntentSnapshot): ActivityFault {
  return new ActivityFault(
    faultTypes.intentOpen,
    `the intent is open (${status}): cancel it first`,
  );
}

/** The cancel is the fence: only an intent that is canceled can no longer be charged. */
async function cancel(step: Release, intent: IntentSnapshot, looks: number): Promise<FundsReport> {
  const { deps } = step;
  try {
    const { request, answer } = await sendCancel(step, intent.id);
    deps.crashPoints.reach('mid_compensation');
    if (!answer.replayed && answer.status === 'canceled') {
      return answeredBy(nothing, request, answer);
    }
  } catch (error) {
    if (!(error instanceof ProviderError) || error.kind !== 'unexpected_state') throw error;
  }
  if (looks >= maxLooks) {
    throw new ActivityFault(faultTypes.unfinished, 'the intent keeps changing, it is read again');
  }
  return settle(step, await deps.provider.retrieveIntent(intent.id), looks + 1);
}

interface Canceled {
  readonly request: ProviderRequest<'cancel'>;
  readonly answer: IntentSnapshot;
}

async function sendCancel({ deps, payment }: Release, intentId: string): Promise<Canceled> {
  const of = { paymentId: payment.paymentId, operation: 'cancel' as const };
  const params = { reason: 'abandoned' as const };
  const stored =
    (await deps.store.latestRequest(of)) ??
    (await deps.store.addRequest({ ...of, attemptNumber: 1, params }));
  // The caller has just read the intent and it was not canceled: the number may rise.
  const renew = () => renewRequest(deps, payment.paymentId, stored);
  const send = async (request: ProviderRequest<'cancel'>): Promise<Canceled> => ({
    request,
    answer: await deps.provider.cancelIntent({ intentId, ...request }),
  });
  try {
    return await send(isForgotten(stored) ? await renew() : stored);
  } catch (error) {
    if (!isSpent(error)) throw error;
    // Canceling twice moves no money, so the read that comes after is proof enough.
    return send(await renew());
  }
}
