import { readWindow, UsageError } from './window';

const now = new Date('2026-11-26T12:00:00Z');
const read = (...args: string[]) => {
  const { from, to } = readWindow(args, now);
  return [from.toISOString(), to.toISOString()];
};

test('a window is the last day, unless its ends are named, as dates in UTC or as times', () => {
  expect(read()).toEqual(['2026-11-25T12:00:00.000Z', '2026-11-26T12:00:00.000Z']);
  expect(read('--from', '2026-11-01')).toEqual([
    '2026-11-01T00:00:00.000Z',
    '2026-11-26T12:00:00.000Z',
  ]);
  expect(read('--from', '2026-11-01T10:00:00+02:00', '--to', '2026-11-02')).toEqual([
    '2026-11-01T08:00:00.000Z',
    '2026-11-02T00:00:00.000Z',
  ]);
});

test.each([
  [['--from', 'yesterday'], '--from must be'],
  [['--from', '2026-11-25T10:00:00'], '--from must be'],
  [['--to', '2026-13-01'], '--to must be'],
  [['--from', '2026-11-26', '--to', '2026-11-25'], 'later than'],
  [['--from', '2026-01-01'], 'at most 31 days'],
  [['--since', '1'], 'since'],
])('%j is not understood, and the message says what would be', (args, text) => {
  expect(() => readWindow(args, now)).toThrow(UsageError);
  expect(() => readWindow(args, now)).toThrow(text);
  expect(() => readWindow(args, now)).toThrow('npm run reconcile');
});
