import type { CustomerAction, CustomerActions } from '../../application/ports/customer-actions';
import type { Log } from '../../application/ports/log';
import { connectStripe } from './stripe-provider';
import type { StripeProviderOptions } from './stripe-provider';

// A client that polls its payment must not make this service poll the provider.
const keepMs = 30_000;
const mostKept = 1_000;

interface Kept {
  readonly untilMs: number;
  readonly action: Promise<CustomerAction | null>;
}

/**
 * Reads what a customer needs to act from the live intent. It is kept in memory for half a minute
 * and nowhere else, and nothing of it is logged.
 */
export function createCustomerActions(
  options: StripeProviderOptions & { readonly log: Log },
): CustomerActions {
  const stripe = connectStripe(options);
  const kept = new Map<string, Kept>();

  const read = async (intentId: string): Promise<CustomerAction | null> => {
    try {
      const intent = await stripe.paymentIntents.retrieve(intentId);
      return {
        redirectUrl: intent.next_action?.redirect_to_url?.url ?? null,
        clientSecret: intent.client_secret,
      };
    } catch (error) {
      kept.delete(intentId);
      const reason = error instanceof Error ? error.name : 'unknown fault';
      options.log.warn({ intentId, reason }, 'the next action could not be read');
      return null;
    }
  };

  return {
    read(intentId) {
      const known = kept.get(intentId);
      if (known !== undefined && known.untilMs > performance.now()) return known.action;
      if (kept.size >= mostKept) kept.clear();
      const action = read(intentId);
      kept.set(intentId, { untilMs: performance.now() + keepMs, action });
      return action;
    },
  };
}
