import { adviceOf } from './decline-advice';
import { formatMoney } from './money';
import type { PaymentStatus } from './payment-states';
import { isRefundCounted } from './refund-states';
import type { RefundStatus } from './refund-states';
import { allowsCancel, allowsCapture, allowsRefund, refundableMinor } from './request-rules';

/** What is told of a payment. Amounts are integer minor units of `currency`. */
export interface ExplainedPayment {
  readonly status: PaymentStatus;
  readonly amountMinor: number;
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
  readonly actionType: string | null;
  readonly captureBefore: Date | null;
  readonly holdPolicy: 'capture' | 'void' | 'alert';
  readonly failure: {
    readonly code: string;
    readonly declineCode: string | null;
    readonly message: string;
  } | null;
  readonly openRequest: { readonly kind: 'capture' | 'cancel' } | null;
  readonly refunds: readonly { readonly amountMinor: number; readonly status: RefundStatus }[];
  readonly disputes: readonly { readonly closedAt: Date | null }[];
}

export const paymentActions = [
  'capture',
  'cancel',
  'refund',
  'retry_compensation',
  'resolve',
  'sync',
] as const;

export type PaymentAction = (typeof paymentActions)[number];

/** Something that can be asked of the payment as it is now. */
export interface SafeAction {
  readonly action: PaymentAction;
  /** The most that can be captured or refunded, in minor units; null where no amount is given. */
  readonly amountMinor: number | null;
}

/** In plain words: what happened, where the money is, and what comes next. */
export function explainPayment(payment: ExplainedPayment): string {
  return [happened(payment), whereMoneyIs(payment), whatComesNext(payment)].join(' ');
}

/**
 * What is safe to ask of the payment now: it can neither be refused by the payment's state nor move
 * money twice. A payment with an open dispute is not refunded: the money would go back twice.
 */
export function safeActions(payment: ExplainedPayment): SafeAction[] {
  const { status, heldMinor, openRequest } = payment;
  const refundable = hasOpenDispute(payment) ? 0 : refundableMinor(payment);
  const isParked = status === 'needs_review';
  const offers: readonly (readonly [boolean, PaymentAction, number | null])[] = [
    [allowsCapture(status) && openRequest === null, 'capture', heldMinor],
    [allowsCancel(status) && openRequest === null, 'cancel', null],
    [allowsRefund(status) && refundable > 0, 'refund', refundable],
    [isParked, 'retry_compensation', null],
    [isParked, 'resolve', null],
    [true, 'sync', null],
  ];
  return offers
    .filter(([isSafe]) => isSafe)
    .map(([, action, amountMinor]) => ({ action, amountMinor }));
}

function happened(payment: ExplainedPayment): string {
  const total = amount(payment, payment.amountMinor);
  switch (payment.status) {
    case 'pending':
      return `A payment of ${total} was accepted.`;
    case 'processing':
      return `A charge of ${total} was begun.`;
    case 'requires_action':
      return payment.actionType === 'confirm_with_client_secret'
        ? `The customer has to confirm the payment of ${total} in the browser.`
        : `The bank asks the customer to authenticate the payment of ${total}.`;
    case 'authorized':
      return `The bank has authorized ${total}.`;
    case 'succeeded':
      return `The payment of ${total} succeeded.`;
    case 'failed':
      return `The payment of ${total} failed${because(payment)}`;
    case 'canceled':
      return `The payment of ${total} was canceled${because(payment)}`;
    case 'needs_review':
      return `The payment of ${total} is parked${because(payment)}`;
    default:
      return payment.status satisfies never;
  }
}

function because({ failure }: ExplainedPayment): string {
  if (failure === null || failure.message === '') return '.';
  return `: ${failure.message.replace(/\.+$/, '')}.`;
}

function whereMoneyIs(payment: ExplainedPayment): string {
  const { heldMinor, capturedMinor, refundedMinor } = payment;
  const parts = [
    ...(heldMinor > 0 ? [`${amount(payment, heldMinor)} is held on the card`] : []),
    ...(capturedMinor > 0 ? [`${amount(payment, capturedMinor)} was captured`] : []),
    ...(refundedMinor > 0 ? [`${amount(payment, refundedMinor)} of it was refunded`] : []),
  ];
  const known = parts.length === 0 ? 'no money is held or captured' : listOf(parts);
  // Until the provider has answered, the figures say only what was recorded before.
  const isCertain = payment.status !== 'processing' && payment.status !== 'needs_review';
  return isCertain ? `${capitalized(known)}.` : `As far as is recorded, ${known}.`;
}

function whatComesNext(payment: ExplainedPayment): string {
  if (payment.openRequest !== null) return `The ${payment.openRequest.kind} is under way.`;
  switch (payment.status) {
    case 'pending':
      return 'The card is charged next.';
    case 'processing':
      return "The provider's answer comes next.";
    case 'requires_action':
      return 'It goes on when the customer has acted, and fails when that takes too long.';
    case 'authorized':
      return endOfHold(payment);
    case 'succeeded':
      return afterSuccess(payment);
    case 'failed':
    case 'canceled':
      return (payment.failure && adviceOf(payment.failure)) ?? 'Nothing comes next.';
    case 'needs_review':
      return (
        'An operator decides: the undo is run again, or the payment is ended as it was settled by ' +
        'hand at the provider.'
      );
    default:
      return payment.status satisfies never;
  }
}

const endings = {
  capture: 'is captured by itself shortly before that',
  void: 'is released by itself shortly before that',
  alert: 'lapses',
} as const;

function endOfHold({ captureBefore, holdPolicy }: ExplainedPayment): string {
  if (captureBefore === null) return 'It waits to be captured or canceled.';
  const time = captureBefore.toISOString();
  return `It waits to be captured or canceled until ${time}, and else ${endings[holdPolicy]}.`;
}

function afterSuccess(payment: ExplainedPayment): string {
  if (hasOpenDispute(payment)) return 'A dispute is open: answer it at the provider.';
  const pending = payment.refunds
    .filter(({ status }) => isRefundCounted(status) && status !== 'succeeded')
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (pending > 0) return `A refund of ${amount(payment, pending)} is on its way.`;
  return 'Nothing comes next.';
}

function hasOpenDispute({ disputes }: ExplainedPayment): boolean {
  return disputes.some(({ closedAt }) => closedAt === null);
}

function amount({ currency }: ExplainedPayment, amountMinor: number): string {
  return formatMoney({ amountMinor, currency });
}

function listOf(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.slice(-1).join('')}`;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
