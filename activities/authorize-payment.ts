import type { SagaPayment } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import type { AuthorizeInput, AuthorizeResult } from '../contracts/saga';
import { isSettled } from '../domain/payment-states';
import { announceProgress } from './announce';
import { answerOf, confirm, isUnconfirmed } from './confirm-intent';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';
import { isForgotten, isSpent } from './provider-keys';

/**
 * Charges the payment, going on from whatever its row says was done before. Crash points, in order:
 * - after_processing_marked: the keys are stored, nothing was sent; the next attempt sends them.
 * - after_intent_created: the provider has an intent that no row names; the same key finds it.
 * - after_intent_stored: the row names an unconfirmed intent; it is read, then confirmed.
 * - after_stripe_confirm: the money moved and no row says so; the intent is read and says it.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createAuthorizePayment(deps: ActivityDependencies) {
  return async ({ paymentId }: AuthorizeInput): Promise<AuthorizeResult> => {
    try {
      return await authorize(deps, paymentId);
    } catch (error) {
      throw toFailure(error, 'forward');
    }
  };
}

async function authorize(deps: ActivityDependencies, paymentId: string): Promise<AuthorizeResult> {
  const payment = await deps.store.load(paymentId);
  if (payment === null) {
    throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} does not exist`);
  }
  if (isSettled(payment.status)) return { kind: 'settled', status: payment.status };
  if (payment.undoStarted) return { kind: 'undo_started' };
  if (payment.intentId !== null) return resume(deps, payment, payment.intentId);
  await markProcessing(deps, payment);
  const intentId = await createIntent(deps, payment);
  deps.crashPoints.reach('after_intent_created');
  if (!(await deps.store.storeIntent({ paymentId, intentId }))) {
    // Another attempt stored its intent, or an undo began: whoever did goes on, this one stops.
    throw new ActivityFault(faultTypes.storeConflict, 'the payment moved on, it is read again');
  }
  deps.crashPoints.reach('after_intent_stored');
  return confirm(deps, { payment, intentId });
}

async function resume(
  deps: ActivityDependencies,
  payment: SagaPayment,
  intentId: string,
): Promise<AuthorizeResult> {
  const intent = await deps.provider.retrieveIntent(intentId);
  return isUnconfirmed(intent) ? confirm(deps, { payment, intentId }) : answerOf(intent);
}

async function markProcessing(deps: ActivityDependencies, payment: SagaPayment): Promise<void> {
  if (payment.status === 'pending') {
    const applied = await deps.store.transition({
      payment,
      to: 'processing',
      requests: firstRequests(payment),
    });
    if (!applied) {
      throw new ActivityFault(faultTypes.storeConflict, 'the payment moved on, it is read again');
    }
  }
  await announceProgress(deps, payment);
  deps.crashPoints.reach('after_processing_marked');
}

function firstRequests(payment: SagaPayment) {
  return [
    {
      operation: 'create' as const,
      attemptNumber: 1,
      params: {
        paymentId: payment.paymentId,
        amountMinor: payment.amountMinor,
        currency: payment.currency,
        captureMethod: payment.captureMethod,
        description: payment.description,
        customer: null,
        setupFutureUsage: null,
        metadata: payment.metadata,
      },
    },
    {
      operation: 'confirm' as const,
      attemptNumber: 1,
      params: { paymentMethod: payment.paymentMethod, returnUrl: null, offSession: false },
    },
  ];
}

/** Creates the intent; only its id is taken from the answer, so a replayed one is as good. */
async function createIntent(deps: ActivityDependencies, payment: SagaPayment): Promise<string> {
  const of = { paymentId: payment.paymentId, operation: 'create' as const };
  const stored = await deps.store.latestRequest(of);
  if (stored === null) throw new Error('a payment is processing without its stored request');
  // No money moves by a create, so its number may rise without a proof; a stray stays unconfirmed.
  const renew = () =>
    deps.store.addRequest({
      ...of,
      attemptNumber: stored.attemptNumber + 1,
      params: stored.params,
    });
  const request = isForgotten(stored) ? await renew() : stored;
  try {
    return (await deps.provider.createIntent(request)).id;
  } catch (error) {
    if (!isSpent(error)) throw error;
    return (await deps.provider.createIntent(await renew())).id;
  }
}
