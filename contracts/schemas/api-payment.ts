import { z } from 'zod';
import { paymentStatuses } from '../../domain/payment-states';
import { refundStatuses } from '../../domain/refund-states';
import { nextActionTypes } from '../api-payment';
import type {
  ApiDispute,
  ApiNextAction,
  ApiPayment,
  ApiPaymentList,
  ApiPaymentRequest,
  ApiRefund,
  ApiRefundList,
} from '../api-payment';
import { holdPolicies } from '../payment-request';

const minorUnits = z.int().min(0).meta({ description: 'Integer minor units of `currency`.' });
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ description: 'ISO 4217.' });
const time = z.iso.datetime();
const metadata = z.record(z.string(), z.string());

/** A refund as the API shows it. */
export const apiRefundSchema: z.ZodType<ApiRefund> = z
  .strictObject({
    id: z.string(),
    object: z.literal('refund'),
    payment: z.string(),
    amount: minorUnits,
    currency,
    status: z.enum(refundStatuses),
    reason: z.enum(['compensation', 'requested_by_merchant', 'made_at_provider']),
    provider_reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).nullable(),
    failure_code: z.string().nullable(),
    metadata,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Refund' });

const failure = z.strictObject({
  code: z.string(),
  decline_code: z.string().nullable(),
  message: z.string(),
  advice: z.string().nullable().meta({ description: 'What can be done about it.' }),
});

const nextAction: z.ZodType<ApiNextAction> = z
  .strictObject({
    type: z.enum(nextActionTypes),
    redirect_url: z
      .string()
      .nullable()
      .meta({ description: 'Where to send the customer. Shown to keys of the scope `write`.' }),
    client_secret: z.string().nullable().meta({
      description: "For the provider's library in the browser. Shown to keys of the scope `write`.",
    }),
  })
  .meta({ id: 'NextAction' });

const openRequest: z.ZodType<ApiPaymentRequest> = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['capture', 'cancel']),
    amount: minorUnits.nullable(),
    created_at: time,
  })
  .meta({ id: 'PaymentRequest' });

const dispute: z.ZodType<ApiDispute> = z
  .strictObject({
    id: z.string(),
    amount: minorUnits,
    currency,
    status: z.string(),
    reason: z.string(),
    opened_at: time,
    closed_at: time.nullable(),
  })
  .meta({ id: 'Dispute' });

/** A payment as the API shows it. */
export const apiPaymentSchema: z.ZodType<ApiPayment> = z
  .strictObject({
    id: z.string().regex(/^pay_[0-9a-f]{32}$/),
    object: z.literal('payment'),
    status: z.enum(paymentStatuses),
    amount: minorUnits,
    amount_capturable: minorUnits,
    amount_captured: minorUnits,
    amount_refunded: minorUnits,
    currency,
    payment_method: z.string().nullable(),
    capture_method: z.enum(['automatic', 'manual']),
    confirm: z.enum(['server', 'client']),
    customer: z.string().nullable(),
    off_session: z.boolean(),
    setup_future_usage: z.enum(['on_session', 'off_session']).nullable(),
    return_url: z.string().nullable(),
    hold_policy: z.enum(holdPolicies),
    capture_before: time.nullable(),
    reference: z.string().nullable(),
    once_per_reference: z.boolean(),
    description: z.string().nullable(),
    metadata,
    next_action: nextAction.nullable(),
    open_request: openRequest.nullable(),
    failure: failure.nullable(),
    refunds: z.array(apiRefundSchema),
    disputes: z.array(dispute),
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

/** One page of refunds, newest first. */
export const apiRefundListSchema: z.ZodType<ApiRefundList> = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(apiRefundSchema),
    has_more: z.boolean(),
  })
  .meta({ id: 'RefundList' });
