import type { CustomerAction, CustomerActions } from '../../application/ports/customer-actions';
import type { Log } from '../../application/ports/log';
import { connectStripe } from './stripe-provider';
import type { StripeProviderOptions } from './stripe-provider';

/** Reads what a customer needs to act from the live intent. Nothing of it is logged. */
export function createCustomerActions(
  options: StripeProviderOptions & { readonly log: Log },
): CustomerActions {
  const stripe = connectStripe(options);
  return {
    async read(intentId): Promise<CustomerAction | null> {
      try {
        const intent = await stripe.paymentIntents.retrieve(intentId);
        return {
          redirectUrl: intent.next_action?.redirect_to_url?.url ?? null,
          clientSecret: intent.client_secret,
        };
      } catch (error) {
        const reason = error instanceof Error ? error.name : 'unknown fault';
        options.log.warn({ intentId, reason }, 'the next action could not be read');
        return null;
      }
    },
  };
}
