import { isSettled } from './payment-states';
import type { PaymentStatus } from './payment-states';
import type { RefundStatus } from './refund-states';

/**
 * The provider's events that can change something here, by what they are about. Whatever else it
 * sends is told by one of these as well, or moves no money.
 */
export const newsTopics = {
  'payment_intent.succeeded': 'captured',
  'payment_intent.amount_capturable_updated': 'held',
  'payment_intent.payment_failed': 'declined',
  'payment_intent.canceled': 'released',
  'charge.expired': 'released',
  'refund.created': 'refund',
  'refund.updated': 'refund',
  'refund.failed': 'refund',
  'charge.refund.updated': 'refund',
  'charge.dispute.created': 'dispute',
  'charge.dispute.updated': 'dispute',
  'charge.dispute.closed': 'dispute',
  'charge.dispute.funds_withdrawn': 'dispute',
  'charge.dispute.funds_reinstated': 'dispute',
} as const;

export type NewsTopic = (typeof newsTopics)[keyof typeof newsTopics];

/** What an event of the provider is about; null for a type that changes nothing. */
export function topicOf(type: string): NewsTopic | null {
  const topics: Readonly<Record<string, NewsTopic>> = newsTopics;
  return Object.hasOwn(topics, type) ? (topics[type] ?? null) : null;
}

/** What is stored of the thing that an event is about. */
export interface NewsSubject {
  readonly paymentId: string;
  readonly status: PaymentStatus;
  readonly capturedMinor: number;
  /** The refund of the event; null for other events, and for one that nobody has heard of. */
  readonly refund: { readonly id: string; readonly status: RefundStatus } | null;
  /** The dispute of the event, likewise. */
  readonly dispute: { readonly status: string; readonly isClosed: boolean } | null;
}

/**
 * - `shown`: what it claims is stored already, or can never come true any more.
 * - `wait`: the payment's saga is talking to the provider itself, and will have written by and by.
 * - `tell_saga`, `tell_refund`: a saga waits for exactly this.
 * - `apply`: no saga is there to hear of it; what the provider shows is applied from outside.
 */
export type Course = 'shown' | 'wait' | 'tell_saga' | 'tell_refund' | 'apply';

/**
 * What to do about an event, by its type and its object's status alone. The claim is never written
 * down: events come late and out of order, so whoever acts on it reads the object again.
 */
export function courseOf(
  claim: { readonly topic: NewsTopic; readonly objectStatus: string | null },
  subject: NewsSubject,
): Course {
  const { topic, objectStatus } = claim;
  switch (topic) {
    case 'refund':
      return refundCourse(subject, objectStatus);
    case 'dispute':
      return disputeCourse(subject, objectStatus);
    case 'captured':
    case 'held':
    case 'declined':
    case 'released':
      return chargeCourse(subject, topic);
    default:
      return topic satisfies never;
  }
}

function isTalking(status: PaymentStatus): boolean {
  return status === 'pending' || status === 'processing';
}

function chargeCourse(
  { status, capturedMinor }: NewsSubject,
  topic: Exclude<NewsTopic, 'refund' | 'dispute'>,
): Course {
  switch (status) {
    case 'pending':
    case 'processing':
      return 'wait';
    case 'requires_action':
      return 'tell_saga';
    case 'authorized':
      return topic === 'held' || topic === 'declined' ? 'shown' : 'tell_saga';
    case 'failed':
    case 'canceled': {
      const isMoney = topic === 'held' || (topic === 'captured' && capturedMinor === 0);
      return isMoney ? 'apply' : 'shown';
    }
    // A parked payment is settled by the provider's figures of that moment, whatever came before.
    case 'needs_review':
    case 'succeeded':
      return 'shown';
    default:
      return status satisfies never;
  }
}

function refundCourse({ status, refund }: NewsSubject, objectStatus: string | null): Course {
  // The saga refunds as well, when it undoes, and writes the figures with its outcome.
  if (!isSettled(status)) return 'wait';
  if (refund === null) return 'apply';
  const claimed = objectStatus === 'requires_action' ? 'pending' : objectStatus;
  if (refund.status === claimed) return 'shown';
  if (refund.status === 'pending') return 'tell_refund';
  // One that has succeeded can still fail, and nothing else comes after an end.
  return refund.status === 'succeeded' && claimed !== 'pending' ? 'apply' : 'shown';
}

function disputeCourse({ status, dispute }: NewsSubject, objectStatus: string | null): Course {
  if (isTalking(status)) return 'wait';
  const isShown = dispute !== null && (dispute.isClosed || dispute.status === objectStatus);
  return isShown ? 'shown' : 'apply';
}
