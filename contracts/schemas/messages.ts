import { z } from 'zod';
import { isCurrency } from '../../domain/money';
import { paymentFactTypes } from '../../domain/payment-facts';
import { paymentEventTypes, paymentStatuses } from '../../domain/payment-states';
import { driftTypes } from '../../domain/reconciliation';
import { refundStatuses } from '../../domain/refund-states';
import {
  applyEventCommandType,
  deliverRequestCommandType,
  driftFoundEventType,
  processPaymentCommandType,
  refundCommandType,
} from '../messages';
import type {
  ApplyEventCommand,
  Command,
  DeliverRequestCommand,
  DriftFoundEvent,
  PaymentEvent,
  PaymentFact,
  ProcessPaymentCommand,
  RefundCommand,
} from '../messages';
import { holdPolicies } from '../payment-request';
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
  amount_capturable: minorUnits.exactOptional(),
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
export const paymentEventSchema: z.ZodType<PaymentEvent> = z
  .object({
    ...envelopeFields,
    type: z.enum(Object.values(paymentEventTypes)),
    sequence: z.string().regex(/^[1-9]\d*$/),
    data: paymentEventData,
  })
  .meta({ id: 'PaymentEvent' });

const paymentFactData = paymentEventData.extend({
  refund: z
    .object({
      id: identifier,
      amount: minorUnits.positive(),
      status: z.enum(refundStatuses),
      reason: z.enum(['compensation', 'requested_by_merchant', 'made_at_provider']),
      failure_code: z.string().nullable(),
    })
    .exactOptional(),
  dispute: z
    .object({
      id: identifier,
      amount: minorUnits.positive(),
      status: z.string(),
      reason: z.string(),
    })
    .exactOptional(),
  hold: z
    .object({ capture_before: z.iso.datetime(), policy: z.enum(holdPolicies) })
    .exactOptional(),
});

/** Every fact about a payment beside its status. */
export const paymentFactSchema: z.ZodType<PaymentFact> = z
  .object({
    ...envelopeFields,
    type: z.enum(Object.values(paymentFactTypes)),
    sequence: z.string().regex(/^[1-9]\d*$/),
    data: paymentFactData,
  })
  .meta({ id: 'PaymentFact' });

/** What a reconciliation found. */
export const driftFoundSchema: z.ZodType<DriftFoundEvent> = z.object({
  ...envelopeFields,
  type: z.literal(driftFoundEventType),
  sequence: z.literal('1'),
  data: z.object({
    run_id: identifier,
    window_from: z.iso.datetime(),
    window_to: z.iso.datetime(),
    found: z.number().int().positive(),
    repaired: z.number().int().nonnegative(),
    by_type: z.partialRecord(z.enum(driftTypes), z.number().int().positive()),
  }),
});

/** The command that starts a saga. */
export const processPaymentCommandSchema: z.ZodType<ProcessPaymentCommand> = z
  .object({
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
  })
  .meta({ id: 'ProcessPaymentCommand' });

/** The command that hands a stored capture or cancel to the saga. */
export const deliverRequestCommandSchema: z.ZodType<DeliverRequestCommand> = z
  .object({
    ...envelopeFields,
    type: z.literal(deliverRequestCommandType),
    data: z.object({ payment_id: identifier, request_id: identifier }),
  })
  .meta({ id: 'DeliverRequestCommand' });

/** The command that starts a refund's saga. */
export const refundCommandSchema: z.ZodType<RefundCommand> = z
  .object({
    ...envelopeFields,
    type: z.literal(refundCommandType),
    data: z.object({ payment_id: identifier, refund_id: identifier }),
  })
  .meta({ id: 'RefundCommand' });

/** The command that applies a stored webhook. */
export const applyEventCommandSchema: z.ZodType<ApplyEventCommand> = z
  .object({
    ...envelopeFields,
    type: z.literal(applyEventCommandType),
    data: z.object({ event_id: identifier }),
  })
  .meta({ id: 'ApplyEventCommand' });

/** Whatever the queue of commands may carry. */
export const commandSchema: z.ZodType<Command> = z.union([
  processPaymentCommandSchema,
  deliverRequestCommandSchema,
  refundCommandSchema,
  applyEventCommandSchema,
]);
