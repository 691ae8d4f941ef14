import { isRefundCounted, refundEvent, refundStatuses } from './refund-states';

describe('the life of a refund', () => {
  it('begins pending, and every status can be reached', () => {
    expect(refundEvent(null, 'pending')).toBe('refund.requested.v1');
    for (const status of refundStatuses.slice(1)) {
      expect(refundEvent('pending', status)).not.toBeNull();
    }
  });

  it('may fail after it succeeded, and says so in an event of its own', () => {
    expect(refundEvent('succeeded', 'failed')).toBe('refund.reversed.v1');
  });

  it('leaves failed and canceled by no edge, and never goes back', () => {
    for (const status of refundStatuses) {
      expect(refundEvent('failed', status)).toBeNull();
      expect(refundEvent('canceled', status)).toBeNull();
      expect(refundEvent(status, 'pending')).toBeNull();
    }
  });

  it('keeps its amount from other refunds until it has failed or was canceled', () => {
    expect(refundStatuses.filter(isRefundCounted)).toEqual(['pending', 'succeeded']);
  });
});
