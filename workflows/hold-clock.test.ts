import { HoldClock } from './hold-clock';

const hour = 3_600_000;
const day = 24 * hour;
const end = Date.parse('2026-01-08T00:00:00Z');
const waits = { holdNoticeMs: day, holdMarginMs: hour };
const clock = () => new HoldClock('2026-01-08T00:00:00Z', waits);

describe('the clock of a hold', () => {
  it('rings a day before its end, an hour before it, and at it, once each and in this order', () => {
    const hold = clock();
    expect(hold.untilNextMs(end - 7 * day)).toBe(6 * day);
    expect(hold.ring(end - 7 * day)).toBeNull();
    expect(hold.ring(end - day)).toBe('notice');
    expect(hold.ring(end - day)).toBeNull();
    expect(hold.untilNextMs(end - day)).toBe(day - hour);
    expect(hold.ring(end - hour)).toBe('policy');
    expect(hold.ring(end)).toBe('lapse');
  });

  it('rings at once what a short hold has no time for', () => {
    const hold = clock();
    expect(hold.untilNextMs(end - 1)).toBe(0);
    expect(hold.ring(end - 1)).toBe('notice');
    expect(hold.ring(end - 1)).toBe('policy');
    expect(hold.ring(end - 1)).toBeNull();
  });

  it('goes on looking each hour after the end, for a provider that is slow to let go', () => {
    const hold = clock();
    for (let rings = 0; rings < 3; rings += 1) hold.ring(end);
    expect(hold.untilNextMs(end + 5)).toBe(hour);
    expect(hold.ring(end + hour)).toBe('lapse');
  });

  it('never rings for a hold without an end', () => {
    const hold = new HoldClock(null, waits);
    expect(hold.untilNextMs(end)).toBeNull();
    expect(hold.ring(end)).toBeNull();
  });
});
