/** What the shop is told by its environment. */
export interface Settings {
  /** 0 takes a free port. */
  readonly port: number;
  readonly apiUrl: string;
  /** Opens the whole account: it never leaves this process. */
  readonly apiKey: string;
  /** What a browser may know. */
  readonly publishableKey: string;
  /** Where browsers confirm instead of Stripe; null with Stripe itself. */
  readonly sandboxUrl: string | null;
}

const STRIPE = 'https://api.stripe.com';
const SANDBOX_PUBLISHABLE_KEY = 'pk_test_sandbox';

/** @throws with what is missing and how to get it */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const { API_URL: apiUrl, API_KEY: apiKey } = environment;
  if (!apiUrl || !apiKey) {
    throw new Error('API_URL and API_KEY are not set: run eval "$(npm run -s stack:env)" first');
  }
  const stripeUrl = environment['STRIPE_API_URL'] || STRIPE;
  const sandboxUrl = stripeUrl === STRIPE ? null : new URL(stripeUrl).origin;
  const given = environment['STRIPE_PUBLISHABLE_KEY'] || null;
  const publishableKey = given ?? (sandboxUrl === null ? '' : SANDBOX_PUBLISHABLE_KEY);
  if (!publishableKey.startsWith('pk_test_')) {
    throw new Error(
      'STRIPE_PUBLISHABLE_KEY must be the pk_test_... of the account that is charged',
    );
  }
  return { port: portOf(environment), apiUrl, apiKey, publishableKey, sandboxUrl };
}

function portOf({ CHECKOUT_PORT: text }: Readonly<Record<string, string | undefined>>): number {
  const port = Number(text || '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error('CHECKOUT_PORT must be a port number, or 0 for a free one');
  }
  return port;
}
