import { createOutcomeWaiter } from './outcome-waiter';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const all = (ids: readonly string[]) => Promise.resolve(new Set(ids));
const none = () => Promise.resolve(new Set<string>());

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('waiting for outcomes', () => {
  it('asks once for all who wait, and not at all when nobody does', async () => {
    const answered = jest.fn<Promise<Set<string>>, [readonly string[]]>(none);
    const waiter = createOutcomeWaiter({ answered, pollMs: 100, log });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(answered).not.toHaveBeenCalled();
    const waits = ['a', 'b', 'a'].map((subjectId) => waiter.wait({ subjectId, limitMs: 1_000 }));
    await jest.advanceTimersByTimeAsync(1_000);
    await expect(Promise.all(waits)).resolves.toEqual([false, false, false]);
    expect(answered.mock.calls.length).toBeLessThanOrEqual(11);
    expect(answered.mock.calls.at(-1)).toEqual([['a', 'b']]);
    const asked = answered.mock.calls.length;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(answered.mock.calls).toHaveLength(asked);
  });

  it('tells those whose outcome is there, and lets the others wait', async () => {
    const answered = () => Promise.resolve(new Set(['a']));
    const waiter = createOutcomeWaiter({ answered, pollMs: 10, log });
    const waits = ['a', 'b'].map((subjectId) => waiter.wait({ subjectId, limitMs: 100 }));
    await jest.advanceTimersByTimeAsync(100);
    await expect(Promise.all(waits)).resolves.toEqual([true, false]);
  });

  it('outlives a database that gives no answer for a moment', async () => {
    const answered = jest
      .fn(all)
      .mockRejectedValueOnce(new Error('restarting'))
      .mockRejectedValueOnce(new Error('restarting'));
    const waiter = createOutcomeWaiter({ answered, pollMs: 10, log });
    const wait = waiter.wait({ subjectId: 'a', limitMs: 1_000 });
    await jest.advanceTimersByTimeAsync(100);
    await expect(wait).resolves.toBe(true);
  });

  it('ends at its limit although the database never answers', async () => {
    const silent = () => new Promise<never>(() => undefined);
    const waiter = createOutcomeWaiter({ answered: silent, pollMs: 10, log });
    const wait = waiter.wait({ subjectId: 'a', limitMs: 500 });
    await jest.advanceTimersByTimeAsync(500);
    await expect(wait).resolves.toBe(false);
  });

  it('ends at once when the process shuts down', async () => {
    const waiter = createOutcomeWaiter({ answered: none, pollMs: 10, log });
    const wait = waiter.wait({ subjectId: 'a', limitMs: 60_000 });
    waiter.close();
    await expect(wait).resolves.toBe(false);
    await expect(waiter.wait({ subjectId: 'b', limitMs: 60_000 })).resolves.toBe(false);
  });
});
