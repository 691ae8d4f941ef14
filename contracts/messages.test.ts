import { paymentEvent, processPaymentCommand } from './messages';
import type { PaymentEventData } from './messages';
import { paymentEventSchema, processPaymentCommandSchema } from './schemas/messages';

const data: PaymentEventData = {
  payment_id: 'pay_1',
  merchant_id: 'mer_1',
  status: 'failed',
  amount: 1250,
  amount_captured: 0,
  amount_refunded: 0,
  currency: 'EUR',
  reference: null,
  failure: { code: 'card_declined', decline_code: 'insufficient_funds', message: 'No funds.' },
};
const event = paymentEvent({
  id: '0199a3c8-7c1e-7a05-8d0e-3f2b1a4c5d6e',
  type: 'payment.failed.v1',
  version: 3,
  occurredAt: new Date('2026-01-02T03:04:05.678Z'),
  traceparent: null,
  data,
});
const command = processPaymentCommand({
  id: event.id,
  occurredAt: new Date('2026-01-02T03:04:05.678Z'),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: {
    payment_id: 'pay_1',
    merchant_id: 'mer_1',
    amount: 1250,
    currency: 'EUR',
    idempotency_key: 'order-1',
    flags: { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true },
  },
});

describe('messages', () => {
  it('an event carries its version as sequence and its payment as partition key', () => {
    expect(event).toMatchObject({ sequence: '3', partitionkey: 'pay_1', subject: 'pay_1' });
  });

  it('a command carries no sequence, so consumers of events see no gap', () => {
    expect(command).not.toHaveProperty('sequence');
  });

  it('what is built is what the schemas accept, unchanged by a trip through JSON', () => {
    expect(paymentEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
    expect(processPaymentCommandSchema.parse(JSON.parse(JSON.stringify(command)))).toEqual(command);
  });

  it.each([
    ['a fractional amount', { ...event, data: { ...data, amount: 12.5 } }],
    ['an amount as text', { ...event, data: { ...data, amount: '1250' } }],
    ['an unknown type', { ...event, type: 'payment.lost.v1' }],
    ['a missing payment id', { ...event, data: { ...data, payment_id: '' } }],
    ['a sequence of zero', { ...event, sequence: '0' }],
  ])('the schema refuses %s', (_name, broken) => {
    expect(paymentEventSchema.safeParse(broken).success).toBe(false);
  });
});
