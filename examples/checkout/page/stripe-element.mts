import type { CardForm, FormOptions } from './card-form.mjs';
import { refusalText } from './refusal.mjs';
import type { ProviderError } from './refusal.mjs';

/** The part of Stripe.js that is used: https://docs.stripe.com/js. */
interface Stripe {
  elements(options: { readonly clientSecret: string }): Elements;
  confirmPayment(options: {
    readonly elements: Elements;
    readonly confirmParams: { readonly return_url: string };
    readonly redirect: 'if_required';
  }): Promise<{ readonly error?: ProviderError }>;
  retrievePaymentIntent(clientSecret: string): Promise<{
    readonly paymentIntent?: {
      readonly status: string;
      readonly last_payment_error: ProviderError | null;
    };
  }>;
}

interface Elements {
  create(type: 'payment'): { mount(place: HTMLElement): void };
}

declare global {
  var Stripe: ((publishableKey: string) => Stripe) | undefined;
}

const STRIPE_JS = 'https://js.stripe.com/dahlia/stripe.js';

/** Stripe's payment element: card numbers are typed into Stripe's frame and never reach this page. */
export async function stripeElement(options: FormOptions): Promise<CardForm> {
  const { publishableKey, clientSecret } = options;
  const stripe = (await loadStripe())(publishableKey);
  const elements = stripe.elements({ clientSecret });
  return {
    async read() {
      const { paymentIntent } = await stripe.retrievePaymentIntent(clientSecret);
      if (paymentIntent === undefined) throw new Error('Stripe gave no payment');
      const { status, last_payment_error: last } = paymentIntent;
      return { status, refusal: last === null ? null : refusalText(last) };
    },
    mount(place) {
      elements.create('payment').mount(place);
    },
    async confirm(return_url) {
      const confirmParams = { return_url };
      const answer = await stripe.confirmPayment({
        elements,
        confirmParams,
        redirect: 'if_required',
      });
      return answer.error === undefined ? null : refusalText(answer.error);
    },
  };
}

/** Stripe demands that its script comes from its own servers. */
function loadStripe(): Promise<NonNullable<typeof globalThis.Stripe>> {
  return new Promise((resolve, reject) => {
    if (globalThis.Stripe !== undefined) return resolve(globalThis.Stripe);
    const script = document.createElement('script');
    script.src = STRIPE_JS;
    script.addEventListener('load', () => {
      if (globalThis.Stripe !== undefined) resolve(globalThis.Stripe);
    });
    script.addEventListener('error', () => reject(new Error('Stripe.js could not be loaded')));
    document.head.append(script);
  });
}
