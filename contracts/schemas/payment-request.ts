import { z } from 'zod';
import { currencyExponent, isCurrency, maxAmountMinor } from '../../domain/money';
import type { PaymentRequest } from '../payment-request';

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
  .max(maxAmountMinor, `must be at most ${maxAmountMinor}`);

const currency = z
  .string('must be an ISO 4217 code such as "EUR"')
  .refine(
    (code) => isCurrency(code.toUpperCase()),
    'must be an ISO 4217 code, such as "EUR", of a currency payments can be made in',
  )
  .transform((code) => code.toUpperCase());

const captureMethod = z
  .enum(['automatic', 'manual'], 'must be "automatic"')
  .default('automatic')
  .superRefine((value, context) => {
    if (value === 'automatic') return;
    context.addIssue({
      code: 'custom',
      message: 'only "automatic" is supported yet',
      params: { code: 'not_supported_yet' },
    });
  })
  .transform(() => 'automatic' as const);

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

/** The body of POST /v1/payments. Unknown fields are refused: a typing error must not be ignored. */
export const paymentRequestSchema: z.ZodType<PaymentRequest> = z
  .strictObject(
    {
      amount,
      currency,
      payment_method: z
        .string('must be a payment method id such as "pm_..."')
        .regex(/^pm_\w{1,250}$/, 'must be a payment method id such as "pm_..."'),
      capture_method: captureMethod,
      reference: text(255).nullable().default(null),
      description: text(1_000).nullable().default(null),
      metadata,
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be a JSON object' : undefined) },
  )
  .superRefine((request, context) => {
    // This runs also after a field was refused.
    if (!isCurrency(request.currency)) return;
    // Card networks settle three-decimal currencies in hundredths (source: Stripe, currencies).
    if (currencyExponent(request.currency) === 3 && request.amount % 10 !== 0) {
      context.addIssue({
        code: 'custom',
        path: ['amount'],
        message: `must end in 0 in ${request.currency}`,
      });
    }
  });
