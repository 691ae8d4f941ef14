import { requestKey } from '../application/ports/saga-store';
import type {
  ProviderOperation,
  ProviderParams,
  ProviderRequest,
  SagaPayment,
} from '../application/ports/saga-store';
import { failureCodes, faultTypes } from '../contracts/saga';
import type { Answered } from '../contracts/provider-answers';
import type { AuthorizeInput, AuthorizeResult } from '../contracts/saga';
import { isSettled } from '../domain/payment-states';
import { announceProgress } from './announce';
import { answerOf, confirm, isUnconfirmed } from './confirm-intent';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';
import { standingOf } from './read-provider';
import { answeredBy, isForgotten, isSpent, renewRequest } from './provider-keys';

/**
 * Charges the payment, going on from whatever its row says was done before. Crash points, in order:
 * - after_processing_marked: the keys are stored, nothing was sent; the next attempt sends them.
 * - after_intent_created: the provider has an intent that no row names; the same key finds it.
 * - after_intent_stored: the row names an unconfirmed intent; it is read, then confirmed.
 * - after_stripe_confirm: the money moved and no row says so; the intent is read and says it.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createAuthorizePayment(deps: ActivityDependencies) {
  return async ({ paymentId, mayWait }: AuthorizeInput): Promise<AuthorizeResult> => {
    try {
      const result = await authorize(deps, paymentId);
      return mayWait === true ? result : ofOldTimes(result);
    } catch (error) {
      throw toFailure(error, 'forward');
    }
  };
}

const calledOff = {
  code: failureCodes.canceledOnRequest,
  declineCode: null,
  message: 'The payment was canceled on request.',
};

function ofOldTimes(result: AuthorizeResult): AuthorizeResult {
  if (result.kind === 'requires_action') return { kind: 'requires_action' };
  if (result.kind === 'canceled') return { kind: 'declined', failure: result.failure };
  if (result.kind !== 'authorized') return result;
  throw new ActivityFault(faultTypes.providerRejected, 'holds are unknown to the workflow');
}

async function authorize(deps: ActivityDependencies, paymentId: string): Promise<AuthorizeResult> {
  const payment = await deps.store.load(paymentId);
  if (payment === null) {
    throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} does not exist`);
  }
  if (isSettled(payment.status)) return { kind: 'settled', status: payment.status };
  if (payment.undoStarted) return { kind: 'undo_started' };
  if (payment.status === 'pending' && payment.cancelRequestId !== null) {
    return { kind: 'canceled', failure: calledOff, requestId: payment.cancelRequestId };
  }
  if (payment.intentId !== null) return resume(deps, payment, payment.intentId);
  const requests = await markProcessing(deps, payment);
  const created = await createIntent(deps, paymentId, requests.create);
  const { intentId } = created;
  deps.crashPoints.reach('after_intent_created');
  if (!(await deps.store.storeIntent({ paymentId, ...created }))) {
    // Another attempt stored its intent, or an undo began: whoever did goes on, this one stops.
    throw new ActivityFault(faultTypes.storeConflict, 'the payment moved on, it is read again');
  }
  deps.crashPoints.reach('after_intent_stored');
  return confirmOrWait(deps, { payment, intentId, request: requests.confirm });
}

async function resume(
  deps: ActivityDependencies,
  payment: SagaPayment,
  intentId: string,
): Promise<AuthorizeResult> {
  const intent = await deps.provider.retrieveIntent(intentId);
  if (!isUnconfirmed(intent)) {
    // Of one that was held or challenged before, a cancel is the end and no decline.
    return payment.status === 'processing'
      ? answerOf(payment, intent)
      : standingOf(payment, intent);
  }
  const { paymentId } = payment;
  const request = await storedRequest(deps, { paymentId, operation: 'confirm' });
  return confirmOrWait(deps, { payment, intentId, request });
}

/** The customer's browser confirms by itself, with the secret that the API hands out. */
async function confirmOrWait(
  deps: ActivityDependencies,
  confirmation: Parameters<typeof confirm>[1],
): Promise<AuthorizeResult> {
  return confirmation.payment.confirmation === 'client'
    ? { kind: 'requires_action', action: 'confirm_with_client_secret' }
    : confirm(deps, confirmation);
}

interface FirstRequests {
  readonly create: ProviderRequest<'create'>;
  readonly confirm: ProviderRequest<'confirm'>;
}

/** Stores what is about to be sent, with the status, before anything is sent. */
async function markProcessing(
  deps: ActivityDependencies,
  payment: SagaPayment,
): Promise<FirstRequests> {
  const { paymentId } = payment;
  let requests = firstRequests(payment);
  if (payment.status === 'pending') {
    const { create, confirm: confirmation } = requests;
    const change = { payment, to: 'processing', requests: [create, confirmation] } as const;
    if (!(await deps.store.transition(change))) {
      throw new ActivityFault(faultTypes.storeConflict, 'the payment moved on, it is read again');
    }
  } else {
    requests = {
      create: await storedRequest(deps, { paymentId, operation: 'create' }),
      confirm: await storedRequest(deps, { paymentId, operation: 'confirm' }),
    };
  }
  await announceProgress(deps, payment);
  deps.crashPoints.reach('after_processing_marked');
  return requests;
}

function firstRequests(payment: SagaPayment): FirstRequests {
  const { paymentId, amountMinor, currency, captureMethod, description, metadata } = payment;
  return {
    create: firstRequest(paymentId, 'create', {
      ...{ paymentId, amountMinor, currency, captureMethod, description, metadata },
      customer: payment.customer,
      setupFutureUsage: payment.setupFutureUsage,
    }),
    confirm: firstRequest(paymentId, 'confirm', {
      paymentMethod: payment.paymentMethod ?? '',
      returnUrl: payment.returnUrl,
      offSession: payment.offSession,
    }),
  };
}

function firstRequest<O extends ProviderOperation>(
  paymentId: string,
  operation: O,
  params: ProviderParams[O],
): ProviderRequest<O> {
  const request = { operation, attemptNumber: 1, params };
  return { ...request, idempotencyKey: requestKey(paymentId, request), ageMs: 0 };
}

async function storedRequest<O extends ProviderOperation>(
  deps: ActivityDependencies,
  of: { readonly paymentId: string; readonly operation: O },
): Promise<ProviderRequest<O>> {
  const stored = await deps.store.latestRequest(of);
  if (stored === null) throw new Error('a payment is processing without its stored request');
  return stored;
}

/** Creates the intent; only its id is taken from the answer, so a replayed one is as good. */
async function createIntent(
  deps: ActivityDependencies,
  paymentId: string,
  stored: ProviderRequest<'create'>,
): Promise<{ readonly intentId: string } & Answered> {
  // No money moves by a create, so its number may rise without a proof; a stray stays unconfirmed.
  const renew = () => renewRequest(deps, paymentId, stored);
  const send = async (request: ProviderRequest<'create'>) => {
    const intent = await deps.provider.createIntent(request);
    return answeredBy({ intentId: intent.id }, request, intent);
  };
  try {
    return await send(isForgotten(stored) ? await renew() : stored);
  } catch (error) {
    if (!isSpent(error)) throw error;
    return send(await renew());
  }
}
