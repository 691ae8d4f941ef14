import type { IntentSnapshot } from '../application/ports/payment-provider';
import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderRequest, SagaPayment } from '../application/ports/saga-store';
import type { NextActionType } from '../contracts/api-payment';
import { failureCodes, faultTypes } from '../contracts/saga';
import type { AuthorizeResult, PaymentFailure } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault } from './errors';
import { answeredBy, isForgotten, isSpent, renewRequest } from './provider-keys';

interface Confirmation {
  readonly payment: SagaPayment;
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
  const { payment, intentId, request: stored } = confirmation;
  const { paymentId } = payment;
  const renew = () => renewRequest(deps, paymentId, stored);
  const request = isForgotten(stored) ? await renew() : stored;
  try {
    return await send(deps, confirmation, request);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'unexpected_state') {
      return answerOf(payment, error.intent ?? (await deps.provider.retrieveIntent(intentId)));
    }
    if (!isSpent(error)) throw error;
    const intent = await deps.provider.retrieveIntent(intentId);
    return isUnconfirmed(intent)
      ? send(deps, confirmation, await renew())
      : answerOf(payment, intent);
  }
}

async function send(
  deps: ActivityDependencies,
  { payment, intentId }: Confirmation,
  request: ProviderRequest<'confirm'>,
): Promise<AuthorizeResult> {
  const { idempotencyKey, params } = request;
  const answer = await deps.provider.confirmIntent({ intentId, idempotencyKey, params });
  deps.crashPoints.reach('after_stripe_confirm');
  if (answer.intent.replayed) {
    return answerOf(payment, await deps.provider.retrieveIntent(intentId));
  }
  const result: AuthorizeResult =
    answer.kind === 'declined'
      ? { kind: 'declined', failure: answer.decline }
      : answerOf(payment, answer.intent);
  return answeredBy(result, request, answer.intent);
}

type Payment = Pick<SagaPayment, 'confirmation' | 'captureMethod' | 'holdPolicy' | 'returnUrl'>;

/**
 * What a live intent says about the payment.
 * @throws ActivityFault when it says nothing final yet
 */
export function answerOf(payment: Payment, intent: IntentSnapshot): AuthorizeResult {
  switch (intent.status) {
    case 'succeeded':
      return {
        kind: 'captured',
        capturedMinor: intent.capturedMinor,
        chargeId: intent.chargeId,
      };
    case 'requires_action':
      return { kind: 'requires_action', action: actionOf(payment) };
    case 'canceled':
      return { kind: 'declined', failure: canceledFailure(intent) };
    case 'requires_payment_method':
      if (payment.confirmation === 'client') return clientAction;
      if (intent.lastError !== null) return { kind: 'declined', failure: intent.lastError };
      throw unfinished('the confirm was not executed');
    case 'requires_confirmation':
      if (payment.confirmation === 'client') return clientAction;
      throw unfinished('the confirm was not executed');
    case 'processing':
      throw unfinished('the provider is still processing the charge');
    case 'requires_capture':
      return heldAnswer(payment, intent);
    default:
      return intent.status satisfies never;
  }
}

/** A decline in the browser leaves the intent open: the customer may try another card. */
const clientAction: AuthorizeResult = {
  kind: 'requires_action',
  action: 'confirm_with_client_secret',
};

function actionOf({ confirmation, returnUrl }: Payment): NextActionType {
  if (confirmation === 'client') return 'confirm_with_client_secret';
  return returnUrl === null ? 'use_stripe_sdk' : 'redirect_to_url';
}

function heldAnswer(
  { captureMethod, holdPolicy }: Payment,
  intent: IntentSnapshot,
): AuthorizeResult {
  if (captureMethod === 'automatic') {
    throw new ActivityFault(
      faultTypes.providerRejected,
      'the intent holds money although it was to be captured at once',
    );
  }
  return {
    kind: 'authorized',
    heldMinor: intent.capturableMinor,
    chargeId: intent.chargeId,
    captureBefore: intent.captureBefore,
    holdPolicy,
  };
}

/** Why a canceled intent was canceled, as far as it tells. */
export function canceledFailure(intent: IntentSnapshot): PaymentFailure {
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
