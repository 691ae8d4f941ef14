import { paymentFactTypes } from '../domain/payment-facts';
import type { PaymentFactType } from '../domain/payment-facts';
import { formatMoney } from '../domain/money';
import type { PaymentStatus } from '../domain/payment-states';
import type { TimelineDetails, TimelineEntry } from './ports/timeline-reader';

/** An entry of a timeline as one plain sentence. Amounts are in minor units of `currency`. */
export function textOf(entry: TimelineEntry, currency: string): string {
  const money = (amountMinor: number) => formatMoney({ amountMinor, currency });
  switch (entry.kind) {
    case 'status':
      return statusText(entry.details);
    case 'fact':
      return factTexts[entry.details.event] ?? `${entry.details.event} happened.`;
    case 'command':
      return commandText(entry.details);
    case 'provider_request':
      return requestText(entry.details);
    case 'undo':
      return 'The undo began: nothing may be left at the provider.';
    case 'request': {
      const { kind, amount } = entry.details;
      return amount === null
        ? `A ${kind} was asked for.`
        : `A ${kind} of ${money(amount)} was asked for.`;
    }
    case 'request_answered': {
      const { kind, state, refusal } = entry.details;
      return state === 'done' ? `The ${kind} was done.` : `The ${kind} was refused: ${refusal}.`;
    }
    case 'refund': {
      const { amount, reason, status } = entry.details;
      return `A refund of ${money(amount)} was begun (${spaced(reason)}); it is ${status} now.`;
    }
    case 'dispute': {
      const { amount, reason, status } = entry.details;
      return `A dispute about ${money(amount)} was opened (${spaced(reason)}); it is ${spaced(status)} now.`;
    }
    case 'ledger':
      return ledgerText(entry.details, currency);
    case 'webhook':
      return webhookText(entry.details);
    case 'operator_action': {
      const { actor, action, outcome } = entry.details;
      return `An operator with the key ${actor} asked for ${spaced(action)}: ${outcome}.`;
    }
    default:
      return entry satisfies never;
  }
}

const statusTexts: Readonly<Record<PaymentStatus, string>> = {
  pending: 'The payment was accepted',
  processing: 'The charge was begun',
  requires_action: 'The customer was asked to act',
  authorized: 'The bank authorized the amount',
  succeeded: 'The payment succeeded',
  failed: 'The payment failed',
  canceled: 'The payment was canceled',
  needs_review: 'The payment was parked for an operator',
};

function statusText({ to, event, published_at, failure_code }: TimelineDetails['status']): string {
  const why = failure_code === null ? '' : ` (${failure_code})`;
  return `${statusTexts[to]}${why}; ${event} ${isPublished(published_at)}.`;
}

const factTextOf: Readonly<Record<PaymentFactType, string>> = {
  [paymentFactTypes.holdExpiring]: 'The hold was said to lapse soon.',
  [paymentFactTypes.disputeOpened]: 'The dispute was made known.',
  [paymentFactTypes.disputeClosed]: 'The end of the dispute was made known.',
  [paymentFactTypes.refundRequested]: 'The refund was asked for.',
  [paymentFactTypes.refundSucceeded]: 'The refund succeeded.',
  [paymentFactTypes.refundFailed]: 'The refund failed.',
  [paymentFactTypes.refundCanceled]: 'The refund was canceled.',
  [paymentFactTypes.refundReversed]: 'The refund came back after it had succeeded.',
};
const factTexts: Readonly<Record<string, string>> = factTextOf;

function commandText({ type, published_at, dead_at }: TimelineDetails['command']): string {
  if (dead_at !== null) return `The command ${type} was given up as a dead letter.`;
  return `The command ${type} was stored; it ${isPublished(published_at)}.`;
}

function isPublished(publishedAt: string | null): string {
  return publishedAt === null ? 'is not published yet' : `was published at ${publishedAt}`;
}

function requestText(request: TimelineDetails['provider_request']): string {
  const { operation, attempt, provider_request_id: id } = request;
  const answered = id === null ? '' : `; the provider answered in ${id}`;
  return `Attempt ${attempt} of "${operation}" was prepared for the provider${answered}.`;
}

const accountTexts: Readonly<Record<string, string>> = {
  held_by_issuer: 'held on the card',
  provider_balance: 'captured and not given back',
};

/** One side of the books says it all: the other is its negative. */
function ledgerText({ postings }: TimelineDetails['ledger'], currency: string): string {
  const lines = postings.flatMap(({ account, amount }) => {
    const what = accountTexts[account];
    const change = formatMoney({ amountMinor: Math.abs(amount), currency });
    return what === undefined ? [] : [`${change} ${amount < 0 ? 'less' : 'more'} is ${what}`];
  });
  return `The books: ${lines.join(', ')}.`;
}

function webhookText({ type, processed_at, outcome }: TimelineDetails['webhook']): string {
  if (processed_at === null) return `The webhook ${type} arrived; it is not applied yet.`;
  return `The webhook ${type} arrived and was applied${outcome === null ? '' : `: ${spaced(outcome)}`}.`;
}

function spaced(word: string): string {
  return word.replaceAll('_', ' ');
}
