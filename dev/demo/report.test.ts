import { allAsExpected, describeFigures, renderTable, renderTimeline } from './report';

const asExpected = { title: 'Succeeds', expected: 'succeeded', seen: 'succeeded', tookMs: 812 };

describe("the demo's report", () => {
  it('is a failure when one outcome is not the expected one, or when nothing ran', () => {
    expect(allAsExpected([asExpected])).toBe(true);
    expect(allAsExpected([asExpected, { ...asExpected, seen: 'failed' }])).toBe(false);
    expect(allAsExpected([])).toBe(false);
  });

  it('shows what was expected beside an outcome that was not', () => {
    const text = renderTable([{ ...asExpected, seen: 'failed' }]).join('\n');
    expect(text).toContain('NOT OK');
    expect(text).toContain('failed, expected succeeded');
  });

  it('tells a charge that was refunded from one that was kept', () => {
    const kept = {
      charges: 1,
      heldMinor: 0,
      capturedMinor: 1250,
      refundedMinor: 0,
      currency: 'EUR',
    };
    expect(describeFigures(kept)).toBe('1 charge, 12.50 EUR captured');
    expect(describeFigures({ ...kept, refundedMinor: 1250 })).toBe(
      '1 charge, 12.50 EUR captured, 12.50 EUR refunded',
    );
    expect(describeFigures({ ...kept, charges: 0, capturedMinor: 0 })).toBe('0 charges');
  });

  it('lines up the times of a timeline', () => {
    expect(
      renderTimeline([
        { atMs: 0, what: 'pending' },
        { atMs: 1_420, what: 'succeeded' },
      ]),
    ).toEqual(['     +0 ms  pending', '    +1.4 s  succeeded']);
  });
});
