import type { PaymentStatus } from '../domain/payment-states';
import { createOutcomeWaiter } from './outcome-waiter';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const found = (status: PaymentStatus) => (ids: readonly string[]) =>
  Promise.resolve(new Map(ids.map((id) => [id, status])));

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('waiting for outcomes', () => {
  it('asks once for all who wait, and not at all when nobody does', async () => {
    const statuses = jest.fn(found('processing'));
    const waiter = createOutcomeWaiter({ statuses, pollMs: 100, log });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(statuses).not.toHaveBeenCalled();
    const waits = ['a', 'b', 'a'].map((paymentId) => waiter.wait({ paymentId, limitMs: 1_000 }));
    await jest.advanceTimersByTimeAsync(1_000);
    await expect(Promise.all(waits)).resolves.toEqual([false, false, false]);
    expect(statuses.mock.calls.length).toBeLessThanOrEqual(11);
    expect(statuses.mock.calls.at(-1)).toEqual([['a', 'b']]);
    const asked = statuses.mock.calls.length;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(statuses.mock.calls).toHaveLength(asked);
  });

  it.each<[PaymentStatus, boolean]>([
    ['pending', false],
    ['processing', false],
    ['requires_action', true],
    ['succeeded', true],
    ['failed', true],
    ['needs_review', true],
  ])('a payment that is %s is told: %p', async (status, decided) => {
    const waiter = createOutcomeWaiter({ statuses: found(status), pollMs: 10, log });
    const wait = waiter.wait({ paymentId: 'a', limitMs: 100 });
    await jest.advanceTimersByTimeAsync(100);
    await expect(wait).resolves.toBe(decided);
  });

  it('outlives a database that gives no answer for a moment', async () => {
    const statuses = jest
      .fn(found('succeeded'))
      .mockRejectedValueOnce(new Error('restarting'))
      .mockRejectedValueOnce(new Error('restarting'));
    const waiter = createOutcomeWaiter({ statuses, pollMs: 10, log });
    const wait = waiter.wait({ paymentId: 'a', limitMs: 1_000 });
    await jest.advanceTimersByTimeAsync(100);
    await expect(wait).resolves.toBe(true);
  });

  it('ends at its limit although the database never answers', async () => {
    const silent = () => new Promise<never>(() => undefined);
    const waiter = createOutcomeWaiter({ statuses: silent, pollMs: 10, log });
    const wait = waiter.wait({ paymentId: 'a', limitMs: 500 });
    await jest.advanceTimersByTimeAsync(500);
    await expect(wait).resolves.toBe(false);
  });

  it('ends at once when the process shuts down', async () => {
    const waiter = createOutcomeWaiter({ statuses: found('pending'), pollMs: 10, log });
    const wait = waiter.wait({ paymentId: 'a', limitMs: 60_000 });
    waiter.close();
    await expect(wait).resolves.toBe(false);
    await expect(waiter.wait({ paymentId: 'b', limitMs: 60_000 })).resolves.toBe(false);
  });
});
