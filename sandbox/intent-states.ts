import type Stripe from 'stripe';
import { ApiFailure } from './api-failure';

/** The 400 for an act that the intent's status does not allow; it carries the intent. */
export function unexpectedState(intent: Stripe.PaymentIntent, act: string): ApiFailure {
  return new ApiFailure({
    status: 400,
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `This PaymentIntent could not be ${act} because it has a status of ${intent.status}.`,
    paymentIntent: intent,
    stored: true,
  });
}
