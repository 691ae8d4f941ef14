import type { ConfirmAnswer, IntentSnapshot } from '../application/ports/payment-provider';
import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderRequest } from '../application/ports/saga-store';
import { failureCodes, faultTypes } from '../contracts/saga';
import type { AuthorizeResult } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault } from './errors';
import { isForgotten, isSpent, renewRequest } from './provider-keys';

interface Confirmation {
  readonly paymentId: string;
  readonly intentId: string;
  /** As it is stored; a new payment's is not read back. */
  readonly request: ProviderRequest<'confirm'>;
}

/** Whether no confirm of the intent was executed. */
export function isUnconfirmed(intent: IntentSnapshot): boolean {
  return (
    intent.status === 'requires_confirmation' ||
    (intent.status === 'requires_payment_method' && intent.lastError === null)
  );
}

/**
 * Confirms an intent that was just created, or just read as unconfirmed: that read is the proof
 * which lets a forgotten key be replaced.
 */
export async function confirm(
  deps: ActivityDependencies,
  confirmation: Confirmation,
): Promise<AuthorizeResult> {
  const { paymentId, intentId, request: stored } = confirmation;
  const renew = () => renewRequest(deps, paymentId, stored);
  const request = isForgotten(stored) ? await renew() : stored;
  try {
    return await send(deps, intentId, request);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'unexpected_state') {
      return answerOf(error.intent ?? (await deps.provider.retrieveIntent(intentId)));
    }
    if (!isSpent(error)) throw error;
    const intent = await deps.provider.retrieveIntent(intentId);
    return isUnconfirmed(intent) ? send(deps, intentId, await renew()) : answerOf(intent);
  }
}

async function send(
  deps: ActivityDependencies,
  intentId: string,
  { idempotencyKey, params }: ProviderRequest<'confirm'>,
): Promise<AuthorizeResult> {
  const answer = await deps.provider.confirmIntent({ intentId, idempotencyKey, params });
  deps.crashPoints.reach('after_stripe_confirm');
  if (answer.intent.replayed) return answerOf(await deps.provider.retrieveIntent(intentId));
  return fromAnswer(answer);
}

function fromAnswer(answer: ConfirmAnswer): AuthorizeResult {
  return answer.kind === 'declined'
    ? { kind: 'declined', failure: answer.decline }
    : answerOf(answer.intent);
}

/**
 * What a live intent says about the payment.
 * @throws ActivityFault when it says nothing final yet
 */
export function answerOf(intent: IntentSnapshot): AuthorizeResult {
  switch (intent.status) {
    case 'succeeded':
      return {
        kind: 'captured',
        capturedMinor: intent.capturedMinor,
        chargeId: intent.chargeId,
      };
    case 'requires_action':
      return { kind: 'requires_action' };
    case 'canceled':
      return { kind: 'declined', failure: canceledFailure(intent) };
    case 'requires_payment_method':
      if (intent.lastError !== null) return { kind: 'declined', failure: intent.lastError };
      throw unfinished('the confirm was not executed');
    case 'requires_confirmation':
      throw unfinished('the confirm was not executed');
    case 'processing':
      throw unfinished('the provider is still processing the charge');
    case 'requires_capture':
      throw new ActivityFault(
        faultTypes.providerRejected,
        'the intent holds money although it was to be captured at once',
      );
    default:
      return intent.status satisfies never;
  }
}

function canceledFailure(intent: IntentSnapshot) {
  return (
    intent.lastError ?? {
      code: failureCodes.canceledAtProvider,
      declineCode: null,
      message: 'The payment was canceled at the payment provider.',
    }
  );
}

function unfinished(message: string): ActivityFault {
  return new ActivityFault(faultTypes.unfinished, message);
}
