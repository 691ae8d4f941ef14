import { z } from 'zod';
import { isCurrency, isPayable, maxAmountMinor } from '../../domain/money';
import { holdPolicies, refundReasons } from '../payment-request';
import type {
  CaptureRequest,
  PaymentRequest,
  RefundRequest,
  ResolveRequest,
} from '../payment-request';

// The provider keeps 50 metadata keys of 40 and values of 500 characters (source: Stripe API
// reference, metadata). One of them is ours: the payment id that ties an intent to its payment.
const mostMetadataKeys = 49;
const reservedMetadataPrefix = /^paysaga_/i;

const text = (longest: number) =>
  z
    .string('must be text')
    .min(1, 'must not be empty')
    .max(longest, `at most ${longest} characters`);

const amount = z
  .number('must be a whole number of minor units, in digits only: no quotes, fraction or exponent')
  .int('must be a whole number of minor units')
  .min(1, 'must be at least 1')
  .max(maxAmountMinor, `must be at most ${maxAmountMinor}`)
  .meta({ description: 'Integer minor units of `currency`.', examples: [1250] });

const currency = z
  .string('must be an ISO 4217 code such as "EUR"')
  .refine(
    // Letters of other alphabets have capitals of ours: a dotless i would become an I.
    (code) => /^[A-Za-z]{3}$/.test(code) && isCurrency(code.toUpperCase()),
    'must be an ISO 4217 code, such as "EUR", of a currency payments can be made in',
  )
  .meta({ description: 'ISO 4217.', examples: ['EUR'] })
  .transform((code) => code.toUpperCase());

const metadataKey = text(40)
  .regex(/^[^[\]]*$/, 'must not contain square brackets')
  .refine((key) => !reservedMetadataPrefix.test(key), 'keys starting with paysaga_ are reserved');

const metadata = z
  .record(metadataKey, z.string('must be text').max(500, 'at most 500 characters'), {
    error: 'must be an object of texts',
  })
  .refine((value) => Object.keys(value).length <= mostMetadataKeys, {
    error: `at most ${mostMetadataKeys} keys`,
  })
  .default({});

const paymentMethod = z
  .string('must be a payment method id such as "pm_..."')
  .regex(/^pm_\w{1,250}$/, 'must be a payment method id such as "pm_..."')
  .meta({ examples: ['pm_card_visa'] });

const customer = z
  .string('must be a customer id such as "cus_..."')
  .regex(/^cus_\w{1,250}$/, 'must be a customer id such as "cus_..."');

const returnUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .max(2_048, 'at most 2048 characters');

const flag = z.boolean('must be true or false');

const notAnObject = (issue: { readonly code?: string }) =>
  issue.code === 'invalid_type' ? 'must be a JSON object' : undefined;

/** The body of POST /v1/payments. Unknown fields are refused: a typing error must not be ignored. */
export const paymentRequestSchema: z.ZodType<PaymentRequest> = z
  .strictObject(
    {
      amount,
      currency,
      payment_method: paymentMethod.nullable().default(null),
      capture_method: oneOf(['automatic', 'manual']).default('automatic'),
      confirm: oneOf(['server', 'client']).default('server'),
      customer: customer.nullable().default(null),
      off_session: flag.default(false),
      setup_future_usage: oneOf(['on_session', 'off_session']).nullable().default(null),
      return_url: returnUrl.nullable().default(null),
      hold_policy: oneOf(holdPolicies).default('void'),
      reference: text(255).nullable().default(null),
      once_per_reference: flag.default(false),
      description: text(1_000).nullable().default(null),
      metadata,
    },
    { error: notAnObject },
  )
  .superRefine((request, context) => {
    for (const { field, message, code } of contradictions(request)) {
      context.addIssue({ code: 'custom', path: [field], message, params: { code } });
    }
  });

/** The body of POST /v1/payments/{id}/capture. */
export const captureRequestSchema: z.ZodType<CaptureRequest> = z.strictObject(
  { amount: amount.nullable().default(null) },
  { error: notAnObject },
);

/** The body of POST /v1/payments/{id}/resolve. */
export const resolveRequestSchema: z.ZodType<ResolveRequest> = z.strictObject(
  {
    reason: text(200).meta({ description: 'Why it is settled as it is.' }),
    provider_ref: text(200).meta({
      description: "What was done at the provider, such as a refund's id.",
    }),
  },
  { error: notAnObject },
);

/** The body of POST /v1/payments/{id}/refunds. */
export const refundRequestSchema: z.ZodType<RefundRequest> = z.strictObject(
  {
    amount: amount.nullable().default(null),
    reason: oneOf(refundReasons).nullable().default(null),
    metadata,
    refund_amount_available: amount.nullable().default(null).meta({
      description: 'The refund is made only if exactly this is left to refund.',
    }),
  },
  { error: notAnObject },
);

/** A body in which nothing is asked for. */
export const noFields: z.ZodType<Record<string, never>> = z.strictObject(
  {},
  { error: notAnObject },
);

function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, `must be ${words.map((word) => `"${word}"`).join(' or ')}`);
}

interface Contradiction {
  readonly field: keyof PaymentRequest;
  readonly message: string;
  /** `required` where the field is missing; `contradiction` where it may not be there. */
  readonly code: 'required' | 'contradiction';
}

/** Fields that are right alone and not together. This runs also after a field was refused. */
function contradictions(request: PaymentRequest): Contradiction[] {
  const byClient = request.confirm === 'client';
  const rules: readonly (readonly [boolean, keyof PaymentRequest, string])[] = [
    [
      byClient && request.payment_method !== null,
      'payment_method',
      'is chosen in the browser when "confirm" is "client"',
    ],
    [
      byClient && request.off_session,
      'off_session',
      'contradicts "confirm": "client", for which the customer is there',
    ],
    [
      request.off_session && request.return_url !== null,
      'return_url',
      'leads nobody anywhere when the customer is off session',
    ],
    [
      request.setup_future_usage !== null && request.customer === null,
      'setup_future_usage',
      'needs the "customer" with whom the payment method is kept',
    ],
    [
      request.hold_policy !== 'void' && request.capture_method === 'automatic',
      'hold_policy',
      'is for payments whose "capture_method" is "manual"',
    ],
    [
      request.once_per_reference && request.reference === null,
      'once_per_reference',
      'needs a "reference"',
    ],
    [
      isCurrency(request.currency) && !isPayable(request.amount, request.currency),
      'amount',
      `must end in 0 in ${request.currency}`,
    ],
  ];
  const broken = rules
    .filter(([isBroken]) => isBroken)
    .map(([, field, message]) => ({ field, message, code: 'contradiction' as const }));
  if (byClient || request.payment_method !== null) return broken;
  return [{ field: 'payment_method', message: 'is required', code: 'required' }, ...broken];
}
