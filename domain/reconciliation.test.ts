import { isStray, paymentDifferences, refundDifferences } from './reconciliation';
import type { IntentThere, PaymentHere } from './reconciliation';

const paid: PaymentHere = {
  status: 'succeeded',
  amountMinor: 1_000,
  currency: 'EUR',
  heldMinor: 0,
  capturedMinor: 1_000,
  refundedMinor: 0,
  pendingRefundMinor: 0,
};
const charged: IntentThere = {
  status: 'succeeded',
  amountMinor: 1_000,
  currency: 'EUR',
  capturableMinor: 0,
  capturedMinor: 1_000,
  refundedMinor: 0,
};

function types(here: Partial<PaymentHere>, there: Partial<IntentThere>) {
  const found = paymentDifferences({ ...paid, ...here }, { ...charged, ...there });
  return found.map(({ type }) => type);
}

test.each<[string, Partial<PaymentHere>, Partial<IntentThere>]>([
  ['a payment that was captured', {}, {}],
  [
    'a refund that is pending, counted there already',
    { pendingRefundMinor: 400 },
    { refundedMinor: 400 },
  ],
  ['a refund that is pending, not counted there yet', { pendingRefundMinor: 400 }, {}],
  [
    'money given back after a failure',
    { status: 'failed', refundedMinor: 1_000 },
    { refundedMinor: 1_000 },
  ],
  [
    'a parked payment, whatever the status there',
    { status: 'needs_review' },
    { status: 'processing' },
  ],
  [
    'an answer that does not say what was refunded',
    { refundedMinor: 300 },
    { refundedMinor: null },
  ],
])('no difference: %s', (_case, here, there) => {
  expect(types(here, there)).toEqual([]);
});

test.each<[string, Partial<PaymentHere>, Partial<IntentThere>, string[]]>([
  ['charged there, failed here', { status: 'failed', capturedMinor: 0 }, {}, ['status', 'amount']],
  ['canceled there, paid here', {}, { status: 'canceled' }, ['status']],
  [
    'open there, failed here',
    { status: 'failed' },
    { status: 'requires_confirmation' },
    ['status'],
  ],
  ['a state there that nobody knows', {}, { status: 'requires_magic' }, ['status']],
  ['more captured there', {}, { capturedMinor: 1_001 }, ['amount']],
  ['less held there', { heldMinor: 5 }, {}, ['amount']],
  ['another currency', {}, { currency: 'USD' }, ['amount']],
  ['refunded there, unknown here', {}, { refundedMinor: 1 }, ['amount']],
  ['refunded here, not there', { refundedMinor: 1 }, {}, ['amount']],
  [
    'more refunded there than is pending',
    { pendingRefundMinor: 1 },
    { refundedMinor: 2 },
    ['amount'],
  ],
])('drift: %s', (_case, here, there, expected) => {
  expect(types(here, there)).toEqual(expected);
});

test('a refund that waits for the customer is a pending one to us', () => {
  const money = { amountMinor: 5, currency: 'EUR' };
  const here = { ...money, status: 'pending' } as const;
  expect(refundDifferences(here, { ...money, status: 'requires_action' })).toEqual([]);
  const found = refundDifferences(here, { ...money, amountMinor: 6, status: 'failed' });
  expect(found.map(({ type }) => type)).toEqual(['refund_status', 'refund_amount']);
});

test.each([
  ['processing', null, false],
  ['needs_review', null, false],
  ['failed', null, true],
  ['processing', 'pi_other', true],
  ['processing', 'pi_1', false],
] as const)(
  'the intent of a payment that is %s with %s may be closed: %s',
  (status, intentId, is) => {
    expect(isStray({ status, intentId }, 'pi_1')).toBe(is);
  },
);
