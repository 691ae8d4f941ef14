import { DomainError } from './errors';

// ISO 4217 currencies whose minor unit is not a hundredth (source: ISO 4217 list one, 2026).
const zeroDecimal = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(
  ' ',
);
const threeDecimal = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');
// The two-decimal currencies a card payment can be made in.
const twoDecimal = (
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF ' +
  'CHF CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG ' +
  'HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR ' +
  'MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD ' +
  'SCR SEK SGD SHP SLE SOS SRD STN SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD YER ' +
  'ZAR ZMW'
).split(' ');

const exponents: ReadonlyMap<string, number> = new Map([
  ...twoDecimal.map((code) => [code, 2] as const),
  ...zeroDecimal.map((code) => [code, 0] as const),
  ...threeDecimal.map((code) => [code, 3] as const),
]);

/** The largest amount the service accepts, in minor units: the provider takes eight digits. */
export const maxAmountMinor = 99_999_999;

/** An exact amount: integer minor units (cents, yen, fils) and its ISO 4217 code in capitals. */
export interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** Whether `code` is an ISO 4217 code in capitals that payments can be made in. */
export function isCurrency(code: string): boolean {
  return exponents.has(code);
}

/**
 * How many decimals the currency's minor unit stands for: 0, 2 or 3.
 * @throws DomainError `unknown_currency`
 */
export function currencyExponent(code: string): number {
  const exponent = exponents.get(code);
  if (exponent === undefined) {
    throw new DomainError('unknown_currency', `${code} is not a currency payments can be made in`);
  }
  return exponent;
}

/**
 * Builds an exact amount and refuses, never rounds, what is not one.
 * @throws DomainError `invalid_amount` | `unknown_currency`
 */
export function money(amountMinor: number, currency: string): Money {
  currencyExponent(currency);
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0) {
    throw new DomainError('invalid_amount', 'an amount is a whole number of minor units');
  }
  return { amountMinor, currency };
}

/**
 * Whether cards can pay the amount: networks settle three-decimal currencies in hundredths
 * (source: Stripe, currencies).
 */
export function isPayable(amountMinor: number, currency: string): boolean {
  return currencyExponent(currency) !== 3 || amountMinor % 10 === 0;
}

/** The amount for a person to read, such as `12.50 EUR`; exact, by text and not by division. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const exponent = currencyExponent(currency);
  const digits = String(amountMinor).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  return exponent === 0
    ? `${digits} ${currency}`
    : `${whole}.${digits.slice(-exponent)} ${currency}`;
}
