import { z } from 'zod';
import { isCurrency } from '../../domain/money';
import { paymentEventTypes, paymentStatuses } from '../../domain/payment-states';
import { processPaymentCommandType } from '../messages';
import type { PaymentEvent, ProcessPaymentCommand } from '../messages';
import { featureFlagsSchema } from './flags';

const minorUnits = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const currency = z.string().refine(isCurrency, 'must be a currency that payments can be made in');
// Ours have 36 characters. They become ids of workflows, which Temporal limits to 1,000.
const identifier = z.string().min(1).max(200);

const envelopeFields = {
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.literal('/paysaga/payments'),
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  partitionkey: z.string().min(1),
  traceparent: z.string().exactOptional(),
};

const paymentEventData = z.object({
  payment_id: identifier,
  merchant_id: identifier,
  status: z.enum(paymentStatuses),
  amount: minorUnits.positive(),
  amount_captured: minorUnits,
  amount_refunded: minorUnits,
  currency,
  reference: z.string().nullable(),
  failure: z
    .object({
      code: z.string().min(1),
      decline_code: z.string().nullable(),
      message: z.string(),
    })
    .nullable(),
});

/** Every event about a payment. Unknown fields are dropped, so that producers may add some. */
export const paymentEventSchema: z.ZodType<PaymentEvent> = z.object({
  ...envelopeFields,
  type: z.enum(Object.values(paymentEventTypes)),
  sequence: z.string().regex(/^[1-9]\d*$/),
  data: paymentEventData,
});

/** The command that starts a saga. */
export const processPaymentCommandSchema: z.ZodType<ProcessPaymentCommand> = z.object({
  ...envelopeFields,
  type: z.literal(processPaymentCommandType),
  data: z.object({
    payment_id: identifier,
    merchant_id: identifier,
    amount: minorUnits.positive(),
    currency,
    idempotency_key: z.string().min(1),
    flags: featureFlagsSchema,
  }),
});
