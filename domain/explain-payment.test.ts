import { explainPayment, safeActions } from './explain-payment';
import type { ExplainedPayment } from './explain-payment';
import { paymentStatuses } from './payment-states';
import type { PaymentStatus } from './payment-states';

const accepted: ExplainedPayment = {
  status: 'pending',
  amountMinor: 1_250,
  heldMinor: 0,
  capturedMinor: 0,
  refundedMinor: 0,
  currency: 'EUR',
  actionType: null,
  captureBefore: null,
  holdPolicy: 'void',
  failure: null,
  openRequest: null,
  refunds: [],
  disputes: [],
};
const held = { status: 'authorized', heldMinor: 1_250 } as const;
const captured = { status: 'succeeded', capturedMinor: 1_250 } as const;
const declined = { code: 'card_declined', declineCode: 'lost_card', message: 'Declined.' };
const unrecorded = {
  code: 'recording_failed',
  declineCode: null,
  message: 'It was charged but could not be recorded. Undo pending: releaseFunds.',
};

interface Case {
  readonly is: string;
  readonly payment: Partial<ExplainedPayment> & { readonly status: PaymentStatus };
  readonly says: string;
  /** An amount follows its action. */
  readonly safe: readonly (string | number)[];
}

const cases: readonly Case[] = [
  {
    is: 'accepted',
    payment: { status: 'pending' },
    says:
      'A payment of 12.50 EUR was accepted. No money is held or captured. ' +
      'The card is charged next.',
    safe: ['cancel', 'sync'],
  },
  {
    is: 'being charged',
    payment: { status: 'processing' },
    says:
      'A charge of 12.50 EUR was begun. As far as is recorded, no money is held or captured. ' +
      "The provider's answer comes next.",
    safe: ['cancel', 'sync'],
  },
  {
    is: 'challenged',
    payment: { status: 'requires_action', actionType: 'redirect_to_url' },
    says:
      'The bank asks the customer to authenticate the payment of 12.50 EUR. No money is held or ' +
      'captured. It goes on when the customer has acted, and fails when that takes too long.',
    safe: ['cancel', 'sync'],
  },
  {
    is: 'to be confirmed in the browser',
    payment: { status: 'requires_action', actionType: 'confirm_with_client_secret' },
    says:
      'The customer has to confirm the payment of 12.50 EUR in the browser. No money is held or ' +
      'captured. It goes on when the customer has acted, and fails when that takes too long.',
    safe: ['cancel', 'sync'],
  },
  {
    is: 'held until its policy acts',
    payment: { ...held, captureBefore: new Date('2026-12-03T12:00:00Z') },
    says:
      'The bank has authorized 12.50 EUR. 12.50 EUR is held on the card. It waits to be captured ' +
      'or canceled until 2026-12-03T12:00:00.000Z, and else is released by itself shortly before ' +
      'that.',
    safe: ['capture', 1_250, 'cancel', 'sync'],
  },
  {
    is: 'held without an end',
    payment: held,
    says:
      'The bank has authorized 12.50 EUR. 12.50 EUR is held on the card. ' +
      'It waits to be captured or canceled.',
    safe: ['capture', 1_250, 'cancel', 'sync'],
  },
  {
    is: 'held, and a capture was asked for',
    payment: { ...held, openRequest: { kind: 'capture' } },
    says:
      'The bank has authorized 12.50 EUR. 12.50 EUR is held on the card. ' +
      'The capture is under way.',
    safe: ['sync'],
  },
  {
    is: 'captured',
    payment: captured,
    says: 'The payment of 12.50 EUR succeeded. 12.50 EUR was captured. Nothing comes next.',
    safe: ['refund', 1_250, 'sync'],
  },
  {
    is: 'captured in part, refunded in part, with a refund on its way',
    payment: {
      ...captured,
      capturedMinor: 1_000,
      refundedMinor: 200,
      refunds: [
        { amountMinor: 200, status: 'succeeded' },
        { amountMinor: 300, status: 'pending' },
        { amountMinor: 400, status: 'failed' },
      ],
    },
    says:
      'The payment of 12.50 EUR succeeded. 10.00 EUR was captured and 2.00 EUR of it was ' +
      'refunded. A refund of 3.00 EUR is on its way.',
    safe: ['refund', 500, 'sync'],
  },
  {
    is: 'refunded in full',
    payment: {
      ...captured,
      refundedMinor: 1_250,
      refunds: [{ amountMinor: 1_250, status: 'succeeded' }],
    },
    says:
      'The payment of 12.50 EUR succeeded. 12.50 EUR was captured and 12.50 EUR of it was ' +
      'refunded. Nothing comes next.',
    safe: ['sync'],
  },
  {
    is: 'disputed',
    payment: { ...captured, disputes: [{ closedAt: null }] },
    says:
      'The payment of 12.50 EUR succeeded. 12.50 EUR was captured. ' +
      'A dispute is open: answer it at the provider.',
    safe: ['sync'],
  },
  {
    is: 'captured, its dispute closed',
    payment: { ...captured, disputes: [{ closedAt: new Date() }] },
    says: 'The payment of 12.50 EUR succeeded. 12.50 EUR was captured. Nothing comes next.',
    safe: ['refund', 1_250, 'sync'],
  },
  {
    is: 'declined',
    payment: { status: 'failed', failure: declined },
    says:
      'The payment of 12.50 EUR failed: Declined. No money is held or captured. ' +
      'Do not try this card again, and do not tell the customer why.',
    safe: ['sync'],
  },
  {
    is: 'canceled',
    payment: {
      status: 'canceled',
      failure: {
        code: 'canceled_on_request',
        declineCode: null,
        message: 'The payment was canceled on request.',
      },
    },
    says:
      'The payment of 12.50 EUR was canceled: The payment was canceled on request. ' +
      'No money is held or captured. Nothing comes next.',
    safe: ['sync'],
  },
  {
    is: 'parked',
    payment: { status: 'needs_review', capturedMinor: 1_250, failure: unrecorded },
    says:
      'The payment of 12.50 EUR is parked: It was charged but could not be recorded. Undo ' +
      'pending: releaseFunds. As far as is recorded, 12.50 EUR was captured. An operator decides: ' +
      'the undo is run again, or the payment is ended as it was settled by hand at the provider.',
    safe: ['retry_compensation', 'resolve', 'sync'],
  },
];

describe('a payment that is', () => {
  it.each(cases)('$is is explained, with what is safe to do', ({ payment, says, safe }) => {
    const explained = { ...accepted, ...payment };
    expect(explainPayment(explained)).toBe(says);
    const offered = safeActions(explained).flatMap(({ action, amountMinor }) =>
      amountMinor === null ? [action] : [action, amountMinor],
    );
    expect(offered).toEqual(safe);
  });

  it('in any status has a case here', () => {
    const told = new Set(cases.map(({ payment }) => payment.status));
    expect([...told].toSorted()).toEqual([...paymentStatuses].toSorted());
  });
});
