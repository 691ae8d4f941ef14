import type { PaymentStatus } from './payment-states';
import { courseOf, topicOf } from './provider-news';
import type { NewsSubject, NewsTopic } from './provider-news';

function course(
  topic: NewsTopic,
  subject: Partial<NewsSubject>,
  objectStatus: string | null = null,
): string {
  const none = { paymentId: 'pay_1', capturedMinor: 0, refund: null, dispute: null };
  return courseOf({ topic, objectStatus }, { ...none, status: 'succeeded', ...subject });
}

const refund = (status: 'pending' | 'succeeded' | 'failed' | 'canceled') => ({
  refund: { id: 're_1', status },
});

test('events that move nothing have no topic, and nothing else in an object is one', () => {
  expect(topicOf('payment_intent.created')).toBeNull();
  expect(topicOf('charge.succeeded')).toBeNull();
  expect(topicOf('toString')).toBeNull();
  expect(topicOf('payment_intent.succeeded')).toBe('captured');
});

const charge = ['captured', 'held', 'declined', 'released'] as const;

test.each(charge)('of a payment in the hands of its saga, %s waits for the saga', (topic) => {
  expect(course(topic, { status: 'pending' })).toBe('wait');
  expect(course(topic, { status: 'processing' })).toBe('wait');
});

test.each(charge)('of a payment that waits for its customer, %s is told to the saga', (topic) => {
  expect(course(topic, { status: 'requires_action' })).toBe('tell_saga');
});

test.each([
  ['authorized', 'held', 'shown'],
  ['authorized', 'declined', 'shown'],
  ['authorized', 'captured', 'tell_saga'],
  ['authorized', 'released', 'tell_saga'],
  ['succeeded', 'captured', 'shown'],
  ['succeeded', 'held', 'shown'],
  ['succeeded', 'released', 'shown'],
  ['needs_review', 'captured', 'shown'],
  ['failed', 'declined', 'shown'],
  ['failed', 'released', 'shown'],
  ['canceled', 'released', 'shown'],
  ['failed', 'captured', 'apply'],
  ['canceled', 'captured', 'apply'],
  ['canceled', 'held', 'apply'],
] as const)('of a payment that is %s, %s is %s', (status, topic, expected) => {
  expect(course(topic, { status })).toBe(expected);
});

test('a charge that was undone is no money that came late', () => {
  expect(course('captured', { status: 'failed', capturedMinor: 1_250 })).toBe('shown');
});

test.each([
  ['unheard of', { refund: null }, 'succeeded', 'apply'],
  ['pending', refund('pending'), 'pending', 'shown'],
  ['pending', refund('pending'), 'requires_action', 'shown'],
  ['pending', refund('pending'), 'succeeded', 'tell_refund'],
  ['succeeded', refund('succeeded'), 'succeeded', 'shown'],
  ['succeeded', refund('succeeded'), 'pending', 'shown'],
  ['succeeded', refund('succeeded'), 'failed', 'apply'],
  ['failed', refund('failed'), 'succeeded', 'shown'],
  ['canceled', refund('canceled'), 'pending', 'shown'],
] as const)('a refund that is %s: news of %p, %s -> %s', (_stored, stored, claimed, expected) => {
  expect(course('refund', stored, claimed)).toBe(expected);
});

test.each(['pending', 'processing', 'requires_action', 'authorized'] as PaymentStatus[])(
  'refunds of a payment that is %s are told by its saga',
  (status) => expect(course('refund', { status, refund: null }, 'succeeded')).toBe('wait'),
);

test.each([
  [null, 'needs_response', 'apply'],
  [{ status: 'needs_response', isClosed: false }, 'needs_response', 'shown'],
  [{ status: 'needs_response', isClosed: false }, 'lost', 'apply'],
  [{ status: 'lost', isClosed: true }, 'needs_response', 'shown'],
] as const)('a dispute stored as %p: news of %s -> %s', (dispute, claimed, expected) => {
  expect(course('dispute', { dispute }, claimed)).toBe(expected);
  expect(course('dispute', { dispute, status: 'processing' }, claimed)).toBe('wait');
});
