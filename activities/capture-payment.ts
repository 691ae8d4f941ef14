import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderRequest, SagaPayment } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import type { AuthorizeResult, CaptureInput } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault, toFailure } from './errors';
import { answeredBy, isForgotten, isSpent, renewRequest } from './provider-keys';
import { standingOf } from './read-provider';

interface Capture {
  readonly payment: SagaPayment;
  readonly intentId: string;
  readonly amountMinor: number;
}

/**
 * Captures a part of the hold, or all of it. Crash points: after_capture_stored (the key is stored,
 * nothing was sent; the next attempt sends it), after_stripe_capture (the money moved and no row
 * says so; the same key, or the intent's state, tells).
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createCapturePayment(deps: ActivityDependencies) {
  return async ({ paymentId, amountMinor }: CaptureInput): Promise<AuthorizeResult> => {
    try {
      const payment = await deps.store.load(paymentId);
      if (payment === null || payment.intentId === null) {
        throw new ActivityFault(faultTypes.paymentNotFound, `payment ${paymentId} holds nothing`);
      }
      if (payment.undoStarted) return { kind: 'undo_started' };
      return await capture(deps, { payment, intentId: payment.intentId, amountMinor });
    } catch (error) {
      throw toFailure(error, 'forward');
    }
  };
}

async function capture(deps: ActivityDependencies, of: Capture): Promise<AuthorizeResult> {
  const stored = await storedRequest(deps, of);
  deps.crashPoints.reach('after_capture_stored');
  const { payment, intentId } = of;
  const renew = () => renewRequest(deps, payment.paymentId, stored);
  // The key may be forgotten: only a hold that is still there proves that it captured nothing.
  if (isForgotten(stored)) {
    const intent = await deps.provider.retrieveIntent(intentId);
    if (intent.status !== 'requires_capture') return standingOf(payment, intent);
    return send(deps, of, await renew());
  }
  try {
    return await send(deps, of, stored);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.kind !== 'unexpected_state' && !isSpent(error)) throw error;
    const intent = await deps.provider.retrieveIntent(intentId);
    if (intent.status !== 'requires_capture') return standingOf(payment, intent);
    return send(deps, of, await renew());
  }
}

async function storedRequest(
  deps: ActivityDependencies,
  { payment, amountMinor }: Capture,
): Promise<ProviderRequest<'capture'>> {
  const of = { paymentId: payment.paymentId, operation: 'capture' } as const;
  const params = { amountMinor, currency: payment.currency };
  return (
    (await deps.store.latestRequest(of)) ??
    (await deps.store.addRequest({ ...of, attemptNumber: 1, params }))
  );
}

async function send(
  deps: ActivityDependencies,
  { payment, intentId }: Capture,
  request: ProviderRequest<'capture'>,
): Promise<AuthorizeResult> {
  const { idempotencyKey, params } = request;
  const answer = await deps.provider.captureIntent({ intentId, idempotencyKey, params });
  deps.crashPoints.reach('after_stripe_capture');
  if (answer.replayed) return standingOf(payment, await deps.provider.retrieveIntent(intentId));
  return answeredBy(standingOf(payment, answer), request, answer);
}
