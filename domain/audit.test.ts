import { auditIntent, auditRecords } from './audit';
import type { AuditedPayment } from './audit';
import type { IntentThere } from './reconciliation';

const accepted = {
  version: 1,
  eventId: 'e1',
  eventType: 'payment.accepted.v1',
  isPublished: false,
  change: { from: null, to: 'pending' },
} as const;
const processing = {
  version: 2,
  eventId: 'e2',
  eventType: 'payment.processing.v1',
  isPublished: true,
  change: { from: 'pending', to: 'processing' },
} as const;
const succeeded = {
  version: 3,
  eventId: 'e3',
  eventType: 'payment.succeeded.v1',
  isPublished: false,
  change: { from: 'processing', to: 'succeeded' },
} as const;

const paid: AuditedPayment = {
  paymentId: 'pay_1',
  intentId: 'pi_1',
  status: 'succeeded',
  version: 3,
  amountMinor: 1_000,
  currency: 'EUR',
  heldMinor: 0,
  capturedMinor: 1_000,
  refundedMinor: 0,
  pendingRefundMinor: 0,
  isAsked: false,
  steps: [accepted, processing, succeeded],
  // The second was published, and its row is gone.
  events: [
    { id: 'e1', version: 1, type: 'payment.accepted.v1' },
    { id: 'e3', version: 3, type: 'payment.succeeded.v1' },
  ],
  accounts: [
    { account: 'provider_balance', currency: 'EUR', totalMinor: 1_000 },
    { account: 'merchant_payable', currency: 'EUR', totalMinor: -1_000 },
  ],
};
const charged: IntentThere = {
  status: 'succeeded',
  amountMinor: 1_000,
  currency: 'EUR',
  capturableMinor: 0,
  capturedMinor: 1_000,
  refundedMinor: 0,
};

const records = (changed: Partial<AuditedPayment>) =>
  auditRecords({ ...paid, ...changed }).map(({ rule, problem }) => `${rule} ${problem}`);
const intent = (changed: Partial<AuditedPayment>, there: Partial<IntentThere> | null) =>
  auditIntent({ ...paid, ...changed }, there && { ...charged, ...there }).map(({ rule }) => rule);

test('a payment that went well breaks no rule, nor does a fact between its steps', () => {
  expect(records({})).toEqual([]);
  expect(intent({}, {})).toEqual([]);
  const fact = { version: 4, eventId: 'e4', eventType: 'refund.requested.v1', isPublished: true };
  expect(records({ version: 4, steps: [...paid.steps, fact] })).toEqual([]);
});

test.each<[string, Partial<AuditedPayment>, string]>([
  ['an event that was lost', { events: paid.events.slice(1) }, 'I4 a step without its one event'],
  [
    'an event written twice',
    { events: [...paid.events, { ...paid.events[0]!, id: 'e9' }] },
    'I4 a step without its one event',
  ],
  [
    'an event of another type',
    { events: [{ ...paid.events[0]!, type: 'payment.failed.v1' }, paid.events[1]!] },
    'I4 a step without its one event',
  ],
  [
    'an event of nothing',
    { events: [...paid.events, { id: 'e9', version: 9, type: 't' }] },
    'I4 an event of no step',
  ],
  ['a version without a step', { version: 4 }, 'I7 versions are not counted without a gap'],
  [
    'a change that the table does not have',
    {
      steps: [accepted, processing, { ...succeeded, change: { from: 'pending', to: 'succeeded' } }],
    },
    'I7 a change that is not legal',
  ],
  [
    'a status written past the history',
    { status: 'failed' },
    'I7 the status is not where the history leads',
  ],
  ['figures without postings', { accounts: [] }, 'I11 the books do not balance'],
  [
    'postings in another currency',
    { accounts: paid.accounts.map((account) => ({ ...account, currency: 'USD' })) },
    'I11 the books do not balance',
  ],
])('%s is found in the records', (_case, changed, expected) => {
  expect(records(changed)).toEqual([expected]);
});

test('an event that tells another change than was made is found', () => {
  const steps = [accepted, { ...processing, eventType: 'payment.failed.v1' }, succeeded];
  expect(records({ steps })).toEqual(['I7 a change that tells another event']);
});

test.each<[string, Partial<AuditedPayment>, Partial<IntentThere> | null, string[]]>([
  [
    'more captured than asked for',
    { capturedMinor: 1_000 },
    { capturedMinor: 2_000 },
    ['I1', 'I2'],
  ],
  ['an intent that is gone', {}, null, ['I2']],
  ['a refund nobody wrote down', {}, { refundedMinor: 5 }, ['I2']],
  [
    'a failed payment that holds money',
    { status: 'failed', capturedMinor: 0 },
    { status: 'requires_capture', capturedMinor: 0, capturableMinor: 1_000 },
    ['I8', 'I2', 'I2'],
  ],
  ['a failed payment that kept money', { status: 'failed' }, {}, ['I8', 'I2']],
  [
    'money given back after a failure',
    { status: 'failed', refundedMinor: 1_000 },
    { refundedMinor: 1_000 },
    [],
  ],
  ['a payment whose saga is at work', { status: 'processing', capturedMinor: 0 }, {}, []],
  [
    'a payment that never came to an intent',
    { intentId: null, status: 'failed', capturedMinor: 0 },
    null,
    [],
  ],
])('at the provider: %s', (_case, here, there, expected) => {
  expect(intent(here, there)).toEqual(expected);
});
