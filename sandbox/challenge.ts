import type Stripe from 'stripe';
import { ApiFailure, docUrl, invalidRequest } from './api-failure';
import { BY_ITSELF } from './event-log';
import { newId } from './ids';
import { chargeCard } from './intent-charge';
import { unexpectedState } from './intent-states';
import type { CardOnFile, World } from './world';

const FAILURE = 'payment_intent_authentication_failure';
/** The schemes that a browser would run instead of visit. */
const NO_ADDRESS = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:']);

/** Where the customer goes after a challenge: a web page, or an app by its own scheme. */
export function checkReturnUrl(url: string | null): string | null {
  if (url === null || (URL.canParse(url) && !NO_ADDRESS.has(new URL(url).protocol))) return url;
  throw invalidRequest({ code: 'url_invalid', message: 'Not a valid URL', param: 'return_url' });
}

/** Sends the customer to a page of the sandbox; a new challenge replaces the one before. */
export function beginChallenge(
  world: World,
  intent: Stripe.PaymentIntent,
  returnUrl: string | null,
): void {
  const url = `${world.publicUrl}/challenges/${intent.id}/${newId('payatt')}`;
  intent.status = 'requires_action';
  intent.next_action =
    returnUrl === null
      ? {
          type: 'use_stripe_sdk',
          use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
        }
      : { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } };
}

/** The page of the intent's open challenge, null when there is none. */
export function challengeUrl(intent: Stripe.PaymentIntent): string | null {
  const action = intent.next_action;
  const url: unknown = action?.redirect_to_url?.url ?? action?.use_stripe_sdk?.['stripe_js'];
  return typeof url === 'string' ? url : null;
}

/** The end of a challenge: the charge goes ahead, or the attempt is refused without a charge. */
export function finishChallenge(world: World, intent: Stripe.PaymentIntent, passed: boolean): void {
  const id = typeof intent.payment_method === 'string' ? intent.payment_method : '';
  const onFile = world.cards.get(id);
  if (intent.status !== 'requires_action' || onFile === undefined) {
    throw unexpectedState(intent, 'authenticated');
  }
  intent.next_action = null;
  if (!passed) {
    refuse(world, intent, onFile);
    return;
  }
  try {
    chargeCard(world, { intent, onFile, authenticated: true, cause: BY_ITSELF });
  } catch (error) {
    // The intent tells of the decline; whoever ends the challenge is not told.
    if (!(error instanceof ApiFailure)) throw error;
  }
}

function refuse(world: World, intent: Stripe.PaymentIntent, onFile: CardOnFile): void {
  onFile.used = true;
  intent.status = 'requires_payment_method';
  intent.payment_method = null;
  intent.last_payment_error = {
    code: FAILURE,
    doc_url: docUrl(FAILURE),
    message:
      'The provided PaymentMethod has failed authentication. You can provide ' +
      'payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.',
    payment_method: onFile.object,
    type: 'invalid_request_error',
  };
  world.events.emit({ type: 'payment_intent.payment_failed', object: intent }, BY_ITSELF);
}

/** Stripe's own parameters on the way back. Read before the challenge ends, it is gone after. */
export function wayBack(intent: Stripe.PaymentIntent): ((status: string) => string) | null {
  const back = intent.next_action?.redirect_to_url?.return_url ?? null;
  if (back === null) return null;
  return (status) => {
    const url = new URL(back);
    url.searchParams.set('payment_intent', intent.id);
    url.searchParams.set('payment_intent_client_secret', intent.client_secret ?? '');
    url.searchParams.set('redirect_status', status);
    return url.href;
  };
}
