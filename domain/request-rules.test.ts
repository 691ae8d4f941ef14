import { isSettled, paymentStatuses } from './payment-states';
import { allowsCancel, allowsCapture, allowsRefund, refundableMinor } from './request-rules';

describe('what a payment allows', () => {
  it('a capture only while money is held', () => {
    expect(paymentStatuses.filter(allowsCapture)).toEqual(['authorized']);
  });

  it('a cancel until it has ended or is parked', () => {
    expect(paymentStatuses.filter(allowsCancel)).toEqual(
      paymentStatuses.filter((status) => !isSettled(status)),
    );
  });

  it('a refund only after it has succeeded', () => {
    expect(paymentStatuses.filter(allowsRefund)).toEqual(['succeeded']);
  });
});

describe('what can still be refunded', () => {
  const refund = (amountMinor: number, status: string) => ({ amountMinor, status });

  it('is what was captured, less refunds that are done or under way', () => {
    const refunds = [refund(200, 'succeeded'), refund(300, 'pending'), refund(400, 'failed')];
    expect(refundableMinor({ capturedMinor: 1_000, refundedMinor: 200, refunds })).toBe(500);
  });

  it('is never below zero, whatever was refunded by hand', () => {
    const refunds = [refund(300, 'succeeded')];
    expect(refundableMinor({ capturedMinor: 100, refundedMinor: 0, refunds })).toBe(0);
  });

  it('counts what was settled without a row', () => {
    const refunds = [refund(300, 'pending')];
    expect(refundableMinor({ capturedMinor: 1_000, refundedMinor: 500, refunds })).toBe(200);
  });
});
