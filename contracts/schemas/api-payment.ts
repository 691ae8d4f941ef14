import { z } from 'zod';
import { paymentStatuses } from '../../domain/payment-states';
import type { ApiPayment, ApiPaymentList, ApiRefund } from '../api-payment';

const minorUnits = z.int().min(0).meta({ description: 'Integer minor units of `currency`.' });
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ description: 'ISO 4217.' });
const time = z.iso.datetime();

/** A refund as the API shows it. */
export const apiRefundSchema: z.ZodType<ApiRefund> = z
  .strictObject({
    id: z.string(),
    object: z.literal('refund'),
    amount: minorUnits,
    currency,
    status: z.enum(['pending', 'succeeded', 'failed', 'canceled']),
    reason: z.enum(['compensation', 'requested_by_merchant']),
    created_at: time,
  })
  .meta({ id: 'Refund' });

const failure = z.strictObject({
  code: z.string(),
  decline_code: z.string().nullable(),
  message: z.string(),
});

/** A payment as the API shows it. */
export const apiPaymentSchema: z.ZodType<ApiPayment> = z
  .strictObject({
    id: z.string().regex(/^pay_[0-9a-f]{32}$/),
    object: z.literal('payment'),
    status: z.enum(paymentStatuses),
    amount: minorUnits,
    amount_captured: minorUnits,
    amount_refunded: minorUnits,
    currency,
    payment_method: z.string(),
    capture_method: z.enum(['automatic', 'manual']),
    reference: z.string().nullable(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    failure: failure.nullable(),
    refunds: z.array(apiRefundSchema),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Payment' });

/** One page of payments, newest first. */
export const apiPaymentListSchema: z.ZodType<ApiPaymentList> = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(apiPaymentSchema),
    has_more: z.boolean(),
  })
  .meta({ id: 'PaymentList' });
