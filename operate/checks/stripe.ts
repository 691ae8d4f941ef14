import { inspectStripe } from '../../adapters/stripe/inspection';
import type { StripeInspection } from '../../adapters/stripe/inspection';
import { Fault, NotApplicable } from '../../application/diagnosis';
import type { Check } from '../../application/diagnosis';
import { isWebhookSecret } from '../../config';
import { judgeClock } from './clock';

export interface StripeSettings {
  readonly apiKey: string | undefined;
  readonly apiUrl: string | undefined;
  readonly webhookSecret: string | undefined;
}

const timeoutMs = 5_000;

/** The key and the clock against Stripe's API, and the form of the webhook secret. */
export function stripeChecks(settings: StripeSettings): Check[] {
  let inspection: StripeInspection | undefined;
  return [
    {
      name: 'stripe',
      advice: 'can this machine reach it (a proxy, a firewall, STRIPE_API_URL)? status.stripe.com',
      run: async () => {
        inspection = await reach(settings);
        const where = settings.apiUrl === undefined ? 'Stripe' : 'the server of STRIPE_API_URL';
        return `${where} takes the ${modeOf(settings)} key, answered in ${inspection.roundTripMs} ms`;
      },
    },
    {
      name: 'stripe clock',
      needs: 'stripe',
      advice: 'repeat; it answered before',
      run: async () => {
        const offsetMs = inspection?.clockOffsetMs ?? null;
        if (offsetMs === null) throw new NotApplicable('the answer carried no date');
        return judgeClock(offsetMs, 'Stripe');
      },
    },
    {
      name: 'webhook secret',
      advice: 'copy it from the endpoint in the Stripe dashboard',
      run: async () => judgeSecret(settings.webhookSecret),
    },
  ];
}

async function reach(settings: StripeSettings): Promise<StripeInspection> {
  const { apiKey, apiUrl } = settings;
  if (apiKey === undefined) {
    throw new NotApplicable('STRIPE_API_KEY is not set here; the command worker needs it');
  }
  if (apiUrl !== undefined && modeOf(settings) === 'live') {
    throw new Fault(
      'the key is live while STRIPE_API_URL names another server than Stripe',
      'unset STRIPE_API_URL, or use a test key',
    );
  }
  const options = { apiKey, timeoutMs, ...(apiUrl === undefined ? {} : { apiUrl }) };
  return inspectStripe(options).catch((error: unknown) => {
    if (Reflect.get(Object(error), 'kind') !== 'unauthorized') throw error;
    throw new Fault(
      `the ${modeOf(settings)} key is refused`,
      'take a new secret key from the dashboard, or give the restricted one PaymentIntents: write',
    );
  });
}

function modeOf({ apiKey }: StripeSettings): string {
  return apiKey?.includes('_live_') === true ? 'live' : 'test';
}

function judgeSecret(secret: string | undefined): string {
  if (secret === undefined) {
    throw new NotApplicable('STRIPE_WEBHOOK_SECRET is not set here; the API needs it');
  }
  if (!isWebhookSecret(secret)) {
    const hint = /^(sk|rk|pk)_/.test(secret) ? ': it is an API key' : '';
    throw new Fault(
      `STRIPE_WEBHOOK_SECRET has not the form whsec_...${hint}`,
      "copy the endpoint's signing secret from the dashboard, without quotes or spaces",
    );
  }
  if (secret.includes('replace_me')) {
    throw new Fault(
      'STRIPE_WEBHOOK_SECRET is still that of .env.example',
      "copy the endpoint's signing secret from the dashboard; every webhook is refused until then",
    );
  }
  const count = secret.split(',').length;
  return count === 1 ? 'well-formed' : `${count} secrets, well-formed, during a rotation`;
}
