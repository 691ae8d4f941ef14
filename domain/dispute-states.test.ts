import { disputeChange } from './dispute-states';
import { paymentFactTypes } from './payment-facts';

const open = { status: 'needs_response', isClosed: false };

test.each([
  ['first heard of', null, 'needs_response', paymentFactTypes.disputeOpened],
  ['first heard of when it is over', null, 'lost', paymentFactTypes.disputeOpened],
  ['told again', open, 'needs_response', null],
  ['answered', open, 'under_review', 'noted'],
  ['won', open, 'won', paymentFactTypes.disputeClosed],
  ['lost', open, 'lost', paymentFactTypes.disputeClosed],
  ['over, and told late as open', { status: 'lost', isClosed: true }, 'needs_response', null],
  ['in a status of later days', open, 'appeal_needs_response', 'noted'],
] as const)('a dispute that is %s', (_what, stored, status, expected) => {
  expect(disputeChange(stored, status)).toBe(expected);
});

test('one that was over when it was opened here is told as closed next', () => {
  const opened = { status: 'lost', isClosed: false };
  expect(disputeChange(opened, 'lost')).toBe(paymentFactTypes.disputeClosed);
});
