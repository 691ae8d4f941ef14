import { paymentFactTypes } from './payment-facts';
import type { PaymentStatus } from './payment-states';
import { refundEffect } from './refund-news';
import type { RefundNews } from './refund-news';

const inFlight: readonly PaymentStatus[] = [
  'pending',
  'processing',
  'requires_action',
  'authorized',
];

function effect(news: Partial<RefundNews>, payment: Partial<RefundNews['payment']> = {}) {
  return refundEffect({
    payment: { status: 'succeeded', capturedMinor: 1_250, refundedMinor: 0, ...payment },
    isBySaga: false,
    amountMinor: 500,
    from: 'pending',
    to: 'succeeded',
    ...news,
  });
}

test('a refund that succeeds moves the figure and tells it', () => {
  const event = paymentFactTypes.refundSucceeded;
  expect(effect({})).toEqual({ kind: 'fact', event, refundedMinor: 500 });
});

test('a refund that fails later takes the figure back and tells that', () => {
  const event = paymentFactTypes.refundReversed;
  const news = effect({ from: 'succeeded', to: 'failed' }, { refundedMinor: 700 });
  expect(news).toEqual({ kind: 'fact', event, refundedMinor: 200 });
});

test.each(['failed', 'canceled'] as const)(
  'a pending refund that ends %s moves no figure',
  (to) => {
    expect(effect({ to })).toMatchObject({ kind: 'fact', refundedMinor: 0 });
  },
);

test.each([
  ['succeeded', 'succeeded'],
  ['succeeded', 'pending'],
  ['failed', 'succeeded'],
  ['canceled', 'pending'],
  ['pending', 'pending'],
] as const)('news of %s -> %s are late or known, and do nothing', (from, to) => {
  expect(effect({ from, to })).toEqual({ kind: 'nothing' });
});

test.each([
  ['pending', paymentFactTypes.refundRequested, 0],
  ['succeeded', paymentFactTypes.refundSucceeded, 500],
  ['failed', paymentFactTypes.refundFailed, 0],
] as const)('a refund made by hand and first heard of as %s is told once', (to, event, figure) => {
  expect(effect({ from: null, to })).toEqual({ kind: 'fact', event, refundedMinor: figure });
});

test.each(inFlight)('of a %s payment only its own saga may tell', (status) => {
  expect(effect({ isBySaga: true }, { status })).toEqual({ kind: 'row' });
  expect(effect({ isBySaga: true, from: null }, { status })).toEqual({ kind: 'row' });
  expect(effect({}, { status })).toEqual({ kind: 'early' });
  expect(effect({ from: null }, { status })).toEqual({ kind: 'early' });
});

test.each(['failed', 'canceled'] as const)(
  'a pending refund that ends %s moves no figure',
  (to) => {
    expect(effect({ to })).toMatchObject({ kind: 'fact', refundedMinor: 0 });
  },
);

test.each([
  ['succeeded', 'succeeded'],
  ['succeeded', 'pending'],
  ['failed', 'succeeded'],
  ['canceled', 'pending'],
  ['pending', 'pending'],
] as const)('news of %s -> %s are late or known, and do nothing', (from, to) => {
  expect(effect({ from, to })).toEqual({ kind: 'nothing' });
});

test.each([
  ['pending', paymentFactTypes.refundRequested, 0],
  ['succeeded', paymentFactTypes.refundSucceeded, 500],
  ['failed', paymentFactTypes.refundFailed, 0],
] as const)('a refund made by hand and first heard of as %s is told once', (to, event, figure) => {
  expect(effect({ from: null, to })).toEqual({ kind: 'fact', event, refundedMinor: figure });
});

test.each(inFlight)('of a %s payment only its own saga may tell', (status) => {
  expect(effect({ isBySaga: true }, { status })).toEqual({ kind: 'row' });
  expect(effect({ isBySaga: true, from: null }, { status })).toEqual({ kind: 'row' });
  expect(effect({}, { status })).toEqual({ kind: 'early' });
  expect(effect({ from: null }, { status })).toEqual({ kind: 'early' });
});

test.each(['failed', 'canceled'] as const)(
  'a pending refund that ends %s moves no figure',
  (to) => {
    expect(effect({ to })).toMatchObject({ kind: 'fact', refundedMinor: 0 });
  },
);

test.each([
  ['succeeded', 'succeeded'],
  ['succeeded', 'pending'],
  ['failed', 'succeeded'],
  ['canceled', 'pending'],
  ['pending', 'pending'],
] as const)('news of %s -> %s are late or known, and do nothing', (from, to) => {
  expect(effect({ from, to })).toEqual({ kind: 'nothing' });
});

test.each([
  ['pending', paymentFactTypes.refundRequested, 0],
  ['succeeded', paymentFactTypes.refundSucceeded, 500],
  ['failed', paymentFactTypes.refundFailed, 0],
] as const)('a refund made by hand and first heard of as %s is told once', (to, event, figure) => {
  expect(effect({ from: null, to })).toEqual({ kind: 'fact', event, refundedMinor: figure });
});

test.each(inFlight)('a %s payment keeps the rows of its own undo and nothing else', (status) => {
  const undo = { isCompensation: true };

  expect(effect({ ...undo, from: 'succeeded', to: 'failed' }, { status })).toEqual({
    kind: 'early',
  });
  expect(effect({ from: null }, { status })).toEqual({ kind: 'early' });
});

test.each(['failed', 'canceled'] as const)(
  'a refund that fails after its payment was called %s leads to an operator',
  (status) => {
    const news = { from: 'succeeded', to: 'failed' } as const;
    const payment = { status, refundedMinor: 1_250 };
    expect(effect({ ...news, amountMinor: 1_250 }, payment)).toEqual({
      kind: 'review',
      refundedMinor: 0,
    });
  },
);

test('a figure never leaves 0 to what was captured', () => {
  const unknown = { status: 'needs_review', capturedMinor: 0 } as const;
  expect(effect({}, unknown)).toMatchObject({ refundedMinor: 0 });
  expect(effect({ from: 'succeeded', to: 'failed' }, unknown)).toMatchObject({ refundedMinor: 0 });
});
