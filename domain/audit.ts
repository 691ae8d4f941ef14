import { isLegalTransition, paymentEventTypes } from './payment-states';
import type { PaymentStatus } from './payment-states';
import { paymentDifferences } from './reconciliation';
import type { IntentThere, PaymentHere } from './reconciliation';

/** What must never break, as docs/operations.md words it. */
export const auditRules = ['I1', 'I2', 'I4', 'I7', 'I8', 'I11'] as const;

export type AuditRule = (typeof auditRules)[number];

export interface AuditFinding {
  readonly rule: AuditRule;
  readonly problem: string;
  readonly evidence: object;
}

/** A step of a payment's history, and what is left of its event. */
export interface AuditedStep {
  readonly version: number;
  readonly eventId: string;
  readonly eventType: string;
  /** Whether it was published, which is noted here once its outbox row may go. */
  readonly isPublished: boolean;
  /** Of a change of status; absent for a fact. */
  readonly change?: { readonly from: PaymentStatus | null; readonly to: PaymentStatus };
}

/** An outbox row of an event: commands have no version. */
export interface AuditedEvent {
  readonly id: string;
  readonly version: number;
  readonly type: string;
}

/** The sum of a payment's postings in one account and currency, in integer minor units. */
export interface AuditedAccount {
  readonly account: string;
  readonly currency: string;
  readonly totalMinor: number;
}

export interface AuditedPayment extends PaymentHere {
  readonly paymentId: string;
  readonly version: number;
  readonly intentId: string | null;
  readonly isAsked: boolean;
  /** In the order of their versions. */
  readonly steps: readonly AuditedStep[];
  readonly events: readonly AuditedEvent[];
  readonly accounts: readonly AuditedAccount[];
}

/** Everything that is wrong with a payment by itself. */
export function auditRecords(payment: AuditedPayment): AuditFinding[] {
  return [...auditEvents(payment), ...auditHistory(payment), ...auditBooks(payment)];
}

/** I4: each step has exactly one event, and each event its step. */
function auditEvents({ steps, events }: AuditedPayment): AuditFinding[] {
  const found: AuditFinding[] = [];
  for (const step of steps) {
    const rows = events.filter((event) => event.version === step.version);
    const isIts = rows.every(({ id, type }) => id === step.eventId && type === step.eventType);
    if (rows.length > 1 || !isIts || (rows.length === 0 && !step.isPublished)) {
      found.push({ rule: 'I4', problem: 'a step without its one event', evidence: { step, rows } });
    }
  }
  for (const event of events) {
    if (steps.some(({ version }) => version === event.version)) continue;
    found.push({ rule: 'I4', problem: 'an event of no step', evidence: { event } });
  }
  return found;
}

/** I7: the history has no gap, only legal changes, and leads to what the payment is. */
function auditHistory({ steps, status, version }: AuditedPayment): AuditFinding[] {
  const found: AuditFinding[] = [];
  const wrong = (problem: string, evidence: object) =>
    found.push({ rule: 'I7', problem, evidence });
  const versions = steps.map((step) => step.version);
  if (versions.length !== version || versions.some((each, index) => each !== index + 1)) {
    wrong('versions are not counted without a gap', { version, versions });
  }
  let before: PaymentStatus | null = null;
  for (const { change, version: at, eventType } of steps) {
    if (change === undefined) continue;
    const isNext = change.from === before && isLegalTransition(change.from, change.to);
    if (!isNext) wrong('a change that is not legal', { version: at, before, ...change });
    if (eventType !== paymentEventTypes[change.to]) {
      wrong('a change that tells another event', { version: at, eventType, ...change });
    }
    before = change.to;
  }
  if (before !== status) wrong('the status is not where the history leads', { status, before });
  return found;
}

/** I11: the books sum to zero, in the payment's currency, and say the same as its figures. */
function auditBooks(payment: AuditedPayment): AuditFinding[] {
  const { accounts, heldMinor, capturedMinor, refundedMinor, currency } = payment;
  const sum = (of: readonly AuditedAccount[]) =>
    of.reduce((total, { totalMinor }) => total + totalMinor, 0);
  const inAccount = (name: string) => sum(accounts.filter(({ account }) => account === name));
  const balances =
    sum(accounts) === 0 &&
    accounts.every((account) => account.currency === currency) &&
    inAccount('held_by_issuer') === heldMinor &&
    inAccount('provider_balance') === capturedMinor - refundedMinor;
  if (balances) return [];
  const figures = { heldMinor, capturedMinor, refundedMinor, currency };
  return [{ rule: 'I11', problem: 'the books do not balance', evidence: { figures, accounts } }];
}

const unsettled: readonly PaymentStatus[] = ['pending', 'processing'];

/** Whether its saga is at work, or is about to be, so that the two sides may differ. */
export function isAtWork({ status, isAsked }: AuditedPayment): boolean {
  return isAsked || unsettled.includes(status);
}

/** Everything in which a payment and its stored intent disagree. */
export function auditIntent(payment: AuditedPayment, intent: IntentThere | null): AuditFinding[] {
  const found: AuditFinding[] = [];
  const here = figuresOf(payment);
  if (intent === null) {
    const isMissed = payment.intentId !== null || payment.capturedMinor + payment.heldMinor > 0;
    const evidence = { here, intentId: payment.intentId };
    return isMissed ? [{ rule: 'I2', problem: 'the provider has no such intent', evidence }] : [];
  }
  const evidence = { here, there: intent };
  if (intent.capturedMinor > payment.amountMinor) {
    found.push({ rule: 'I1', problem: 'more was captured than asked for', evidence });
  }
  if (isAtWork(payment)) return found;
  if (holdsAfterEnd(payment, intent)) {
    found.push({ rule: 'I8', problem: 'a payment that came to nothing holds money', evidence });
  }
  for (const { type } of paymentDifferences(payment, intent)) {
    found.push({ rule: 'I2', problem: `the provider disagrees in ${type}`, evidence });
  }
  return found;
}

function holdsAfterEnd({ status }: AuditedPayment, intent: IntentThere): boolean {
  if (status !== 'failed' && status !== 'canceled') return false;
  return isLive(intent);
}

/** Whether an intent holds money, or has taken some that was not given back. */
export function isLive(intent: IntentThere): boolean {
  return intent.capturableMinor > 0 || intent.capturedMinor > (intent.refundedMinor ?? 0);
}

function figuresOf(payment: AuditedPayment): object {
  const { status, amountMinor, currency, heldMinor, capturedMinor, refundedMinor } = payment;
  return { status, amountMinor, currency, heldMinor, capturedMinor, refundedMinor };
}
