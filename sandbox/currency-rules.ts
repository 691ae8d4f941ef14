import { invalidRequest } from './api-failure';

// https://docs.stripe.com/currencies, the currencies that cards can be charged in.
const CURRENCIES = new Set(
  `aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd
  cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq
  gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd
  lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk
  php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top
  try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw`.split(/\s+/),
);

const THREE_DECIMAL = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);
/** Sent with two decimals for old clients' sake, though no fraction may be charged. */
const ZERO_DECIMAL_SENT_AS_TWO = new Set(['isk', 'ugx']);

// https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in smallest units.
const MINIMUM = new Map<string, number>(
  Object.entries({
    usd: 50,
    aed: 200,
    aud: 50,
    brl: 50,
    cad: 50,
    chf: 50,
    czk: 1500,
    dkk: 250,
    eur: 50,
    gbp: 30,
    hkd: 400,
    huf: 17500,
    inr: 50,
    jpy: 50,
    mxn: 1000,
    myr: 200,
    nok: 300,
    nzd: 50,
    pln: 200,
    ron: 200,
    sek: 300,
    sgd: 50,
    thb: 1000,
  }),
);
const MAXIMUM_AMOUNT = 99_999_999;

export function checkCurrency(raw: string): string {
  const currency = raw.toLowerCase();
  if (CURRENCIES.has(currency)) return currency;
  throw invalidRequest({ message: `Invalid currency: ${raw}.`, param: 'currency' });
}

function checkStep(amount: number, currency: string): void {
  const step = THREE_DECIMAL.has(currency) ? 10 : ZERO_DECIMAL_SENT_AS_TWO.has(currency) ? 100 : 1;
  if (amount % step === 0) return;
  throw invalidRequest({
    message: `Invalid amount: ${currency} amounts must be divisible by ${step}.`,
    param: 'amount',
  });
}

/** An amount for a new charge, in Stripe's smallest unit, within Stripe's bounds. */
export function checkChargeAmount(amount: number, currency: string): void {
  if (amount < 1) throw belowOne();
  if (amount > MAXIMUM_AMOUNT) {
    throw invalidRequest({
      code: 'amount_too_large',
      message: `Amount must be no more than ${MAXIMUM_AMOUNT} in the smallest unit.`,
      param: 'amount',
    });
  }
  const minimum = MINIMUM.get(currency) ?? 1;
  if (amount < minimum) {
    throw invalidRequest({
      code: 'amount_too_small',
      message: `Amount must be at least ${minimum} ${currency} in the smallest unit.`,
      param: 'amount',
    });
  }
  checkStep(amount, currency);
}

/** An amount of a capture or a refund: positive, and a whole number of the currency's steps. */
export function checkPartAmount(part: { amount: number; currency: string }): void {
  if (part.amount < 1) throw belowOne();
  checkStep(part.amount, part.currency);
}

function belowOne() {
  return invalidRequest({
    code: 'parameter_invalid_integer',
    message: 'This value must be greater than or equal to 1.',
    param: 'amount',
  });
}
