import { inParallel, percentile } from './load';

describe('the load generator', () => {
  it('takes the nearest rank as percentile, whatever the order', () => {
    const sample = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(sample, 0.5)).toBe(50);
    expect(percentile(sample, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
    expect(() => percentile([], 0.5)).toThrow('empty');
  });

  it('does exactly as much work as asked, and never more at once', async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    await inParallel({ count: 25, atOnce: 4 }, async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      done += 1;
    });
    expect({ done, most }).toEqual({ done: 25, most: 4 });
  });
});
