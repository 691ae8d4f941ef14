import StripeSdk from 'stripe';
import { controlOf, sdkFor } from '../../sandbox/sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from '../../sandbox/server';
import { eventually } from '../support/eventually';

const key = process.env['STRIPE_API_KEY'] ?? '';
if (key !== '' && !/^(sk|rk)_test_/.test(key)) {
  throw new Error('the conformance suite takes a test key only: it makes payments');
}
const onStripe = key !== '';
/** Stripe settles in its own time; the sandbox is told to. */
const PATIENCE_MS = onStripe ? 50_000 : 5_000;

function only(possible: boolean, tests: () => void): void {
  const group = possible ? describe : describe.skip;
  group('where it can be asked for', tests);
}

/** Tests of what only the sandbox can be told to do: skipped against Stripe itself. */
export function whereControlled(tests: () => void): void {
  only(!onStripe, tests);
}

/** Tests of what browsers do: against Stripe they need the same account's publishable key. */
export function whereBrowsersCan(tests: () => void): void {
  only(!onStripe || process.env['STRIPE_PUBLISHABLE_KEY'] !== undefined, tests);
}

export interface Account {
  readonly stripe: StripeSdk;
  /** `https://api.stripe.com`, or the sandbox. */
  readonly url: string;
  readonly publishableKey: string;
  /** The sandbox's control endpoints, for tests inside `whereControlled`. */
  readonly control: ReturnType<typeof controlOf>;
  /**
   * Waits for what Stripe does some time after its answer.
   * @throws the assertion's last failure when it does not come to hold
   */
  later<T>(assertion: () => Promise<T>): Promise<T>;
}

/** One test account for the tests of a file: Stripe's, or a fresh sandbox. */
export function useAccount(): Account {
  let sandbox: RunningSandbox | undefined;
  let stripe: StripeSdk | undefined;
  beforeAll(async () => {
    if (!onStripe) sandbox = await startSandbox();
    stripe =
      sandbox === undefined
        ? new StripeSdk(key, { maxNetworkRetries: 2, telemetry: false })
        : sdkFor(sandbox.url);
  });
  afterAll(() => sandbox?.close());
  return {
    get stripe() {
      return stripe!;
    },
    get url() {
      return sandbox?.url ?? 'https://api.stripe.com';
    },
    publishableKey: process.env['STRIPE_PUBLISHABLE_KEY'] ?? 'pk_test_sandbox',
    get control() {
      return controlOf(sandbox!.url);
    },
    async later(assertion) {
      if (sandbox !== undefined) await controlOf(sandbox.url).advance(5_000);
      return eventually(assertion, { timeoutMs: PATIENCE_MS, intervalMs: onStripe ? 1_000 : 25 });
    },
  };
}

/** An order that the tests vary: 20 dollars, by card, captured at once. */
export const order = {
  amount: 2000,
  currency: 'usd',
  allowed_payment_method_types: ['card'],
  capture_method: 'automatic',
} satisfies StripeSdk.PaymentIntentCreateParams;

export function pay(
  stripe: StripeSdk,
  paymentMethod: string,
  change: Partial<StripeSdk.PaymentIntentCreateParams> = {},
): Promise<StripeSdk.Response<StripeSdk.PaymentIntent>> {
  return stripe.paymentIntents.create({
    ...order,
    confirm: true,
    payment_method: paymentMethod,
    ...change,
  });
}

/** The id of a field that is an id unless it was expanded. */
export function idOf(field: string | { id: string } | null | undefined): string {
  if (field === null || field === undefined) throw new Error('there is no object to name');
  return typeof field === 'string' ? field : field.id;
}

/** The error that a call must end with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<InstanceType<typeof StripeSdk.errors.StripeError>> {
  const outcome: unknown = await call.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (outcome instanceof StripeSdk.errors.StripeError) return outcome;
  throw outcome;
}
