import { ProviderError } from '../../application/ports/payment-provider';

/**
 * How Stripe's smallest unit differs from ISO 4217's minor unit, where it does
 * (https://docs.stripe.com/currencies#special-cases): ISK and UGX have no minor unit but are
 * sent with two decimals, MGA is sent in whole ariary though ISO counts hundredths, and
 * three-decimal amounts must end in 0.
 */
interface Difference {
  times: number;
  over: number;
  stripeStep: number;
}
const SAME: Difference = { times: 1, over: 1, stripeStep: 1 };
const DIFFERENT: ReadonlyMap<string, Difference> = new Map([
  ['ISK', { times: 100, over: 1, stripeStep: 100 }],
  ['UGX', { times: 100, over: 1, stripeStep: 100 }],
  ['MGA', { times: 1, over: 100, stripeStep: 1 }],
  ...['BHD', 'JOD', 'KWD', 'OMR', 'TND'].map((code): [string, Difference] => [
    code,
    { times: 1, over: 1, stripeStep: 10 },
  ]),
]);

interface Exact {
  amount: number;
  currency: string;
}

function refuse({ amount, currency }: Exact): ProviderError {
  return new ProviderError({
    kind: 'invalid_request',
    code: 'amount_not_representable',
    message: `${amount} ${currency} has no exact counterpart in the provider's unit`,
    requestId: null,
    httpStatus: null,
  });
}

function exact(given: Exact, ratio: { times: number; over: number }): number {
  const scaled = given.amount * ratio.times;
  const usable = Number.isSafeInteger(given.amount) && given.amount >= 0;
  if (!usable || !Number.isSafeInteger(scaled) || scaled % ratio.over !== 0) throw refuse(given);
  return scaled / ratio.over;
}

/**
 * ISO minor units to Stripe's smallest unit; refused, never rounded, when there is no such amount.
 * @throws ProviderError `invalid_request`, code `amount_not_representable`
 */
export function toStripeAmount(amountMinor: number, currency: string): number {
  const { times, over, stripeStep } = DIFFERENT.get(currency) ?? SAME;
  const amount = exact({ amount: amountMinor, currency }, { times, over });
  if (amount % stripeStep !== 0) throw refuse({ amount: amountMinor, currency });
  return amount;
}

/**
 * Stripe's smallest unit to ISO minor units, exact as `toStripeAmount` is.
 * @throws ProviderError `invalid_request`, code `amount_not_representable`
 */
export function fromStripeAmount(amount: number, currency: string): number {
  const { times, over } = DIFFERENT.get(currency) ?? SAME;
  return exact({ amount, currency }, { times: over, over: times });
}
