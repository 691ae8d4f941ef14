import type StripeSdk from 'stripe';
import { idOf, pay, refusal, useAccount, whereControlled } from './account.fixture';

const account = useAccount();

/** A charge that its cardholder disputes, and the dispute once it is there. */
async function disputed(card: string): Promise<StripeSdk.Dispute> {
  const paid = await pay(account.stripe, card);
  return account.later(async () => {
    const found = await account.stripe.disputes.list({ payment_intent: paid.id });
    expect(found.data).toHaveLength(1);
    return found.data[0]!;
  });
}

describe('a dispute', () => {
  it('names its charge and payment, takes the money, and stands against a refund', async () => {
    const dispute = await disputed('pm_card_createDispute');
    expect(dispute).toMatchObject({
      object: 'dispute',
      amount: 2000,
      currency: 'usd',
      reason: 'fraudulent',
      status: 'needs_response',
      is_charge_refundable: false,
    });
    const read = await account.stripe.disputes.retrieve(dispute.id, { expand: ['charge'] });
    expect(read.charge).toMatchObject({ id: dispute.charge, disputed: true });
    const byCharge = await account.stripe.disputes.list({ charge: idOf(dispute.charge) });
    expect(byCharge.data.map(({ id }) => id)).toEqual([dispute.id]);
    expect(dispute.balance_transactions.map(({ amount }) => amount)).toEqual([-2000]);
    const refund = account.stripe.refunds.create({ charge: idOf(dispute.charge) });
    expect(await refusal(refund)).toMatchObject({ statusCode: 400, code: 'charge_disputed' });
  });

  it.each([
    ['winning_evidence', 'won', [-2000, 2000]],
    ['losing_evidence', 'lost', [-2000]],
  ])('ends by %s as %s', async (text, status, amounts) => {
    const { id } = await disputed('pm_card_createDispute');
    await account.stripe.disputes.update(id, { evidence: { uncategorized_text: text } });
    const closed = await account.later(async () => {
      const now = await account.stripe.disputes.retrieve(id);
      expect(now.status).toBe(status);
      return now;
    });
    const moved = closed.balance_transactions.map(({ amount }) => amount);
    expect(moved.toSorted((a, b) => a - b)).toEqual(amounts);
    await account.later(async () => {
      const told = await account.stripe.events.list({ type: 'charge.dispute.*', limit: 100 });
      const types = told.data
        .filter((event) => Reflect.get(event.data.object, 'id') === id)
        .map((event) => event.type);
      expect(types).toEqual(
        expect.arrayContaining(['charge.dispute.created', 'charge.dispute.closed']),
      );
    });
  });

  it('that the merchant accepts is lost', async () => {
    const { id } = await disputed('pm_card_createDisputeProductNotReceived');
    expect(await account.stripe.disputes.close(id)).toMatchObject({
      status: 'lost',
      reason: 'product_not_received',
    });
    expect((await refusal(account.stripe.disputes.close(id))).statusCode).toBe(400);
  });

  it('that only asks takes no money', async () => {
    const inquiry = await disputed('pm_card_createDisputeInquiry');
    expect(inquiry).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] });
  });

  whereControlled(() => {
    it('comes to any charge, and ends, when the bank is told to', async () => {
      const paid = await pay(account.stripe, 'pm_card_visa');
      const { id } = await account.control.dispute(idOf(paid.latest_charge));
      await account.control.closeDispute(id, 'won');
      expect((await account.stripe.disputes.retrieve(id)).status).toBe('won');
    });
  });
});
