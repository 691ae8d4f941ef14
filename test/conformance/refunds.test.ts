import { idOf, pay, refusal, useAccount, whereControlled } from './account.fixture';

const account = useAccount();
const chargeOf = async (intentId: string) =>
  account.stripe.charges.retrieve(
    idOf((await account.stripe.paymentIntents.retrieve(intentId)).latest_charge),
  );

describe('a refund', () => {
  it('gives back a part, then the rest, then nothing more', async () => {
    const { stripe } = account;
    const paid = await pay(stripe, 'pm_card_visa');
    const part = await stripe.refunds.create({
      payment_intent: paid.id,
      amount: 1500,
      reason: 'requested_by_customer',
      metadata: { refund_id: '7' },
    });
    expect(part).toMatchObject({
      object: 'refund',
      amount: 1500,
      charge: paid.latest_charge,
      payment_intent: paid.id,
      reason: 'requested_by_customer',
      metadata: { refund_id: '7' },
      status: 'succeeded',
    });
    expect(await chargeOf(paid.id)).toMatchObject({ amount_refunded: 1500, refunded: false });
    const tooMuch = await refusal(stripe.refunds.create({ payment_intent: paid.id, amount: 501 }));
    expect(tooMuch).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error' });
    const rest = await stripe.refunds.create({ payment_intent: paid.id });
    expect(rest.amount).toBe(500);
    expect(await chargeOf(paid.id)).toMatchObject({ amount_refunded: 2000, refunded: true });
    const again = await refusal(stripe.refunds.create({ payment_intent: paid.id }));
    expect(again).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
  });

  it('never gives back more than was captured of a hold', async () => {
    const { stripe } = account;
    const held = await pay(stripe, 'pm_card_visa', { capture_method: 'manual' });
    await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1200 });
    const more = stripe.refunds.create({ payment_intent: held.id, amount: 1201 });
    expect((await refusal(more)).statusCode).toBe(400);
    expect((await stripe.refunds.create({ payment_intent: held.id })).amount).toBe(1200);
  });

  it('of a payment that took nothing is refused', async () => {
    const { stripe } = account;
    const declined = await refusal(pay(stripe, 'pm_card_chargeDeclined'));
    const intent = declined.payment_intent!;
    const refund = stripe.refunds.create({ payment_intent: intent.id });
    expect((await refusal(refund)).statusCode).toBe(400);
  });

  it('may be pending, and then succeeds', async () => {
    const paid = await pay(account.stripe, 'pm_card_pendingRefund');
    const { id, status } = await account.stripe.refunds.create({ payment_intent: paid.id });
    expect(status).toBe('pending');
    await account.later(async () => {
      expect((await account.stripe.refunds.retrieve(id)).status).toBe('succeeded');
    });
  });

  it('may succeed, fail later, and say so: the charge has the amount back', async () => {
    const paid = await pay(account.stripe, 'pm_card_refundFail');
    const { id, status } = await account.stripe.refunds.create({ payment_intent: paid.id });
    expect(status).toBe('succeeded');
    const failed = await account.later(async () => {
      const now = await account.stripe.refunds.retrieve(id);
      expect(now.status).toBe('failed');
      return now;
    });
    expect(failed.failure_reason).toEqual(expect.any(String));
    expect(failed.failure_balance_transaction).toMatch(/^txn_/);
    expect(await chargeOf(paid.id)).toMatchObject({ amount_refunded: 0, refunded: false });
    await account.later(async () => {
      const told = await account.stripe.events.list({ type: 'refund.failed', limit: 100 });
      expect(told.data.map((event) => (event.data.object as { id: string }).id)).toContain(id);
    });
    expect((await account.stripe.refunds.create({ payment_intent: paid.id })).amount).toBe(2000);
  });

  it('that needs no customer cannot be canceled', async () => {
    const paid = await pay(account.stripe, 'pm_card_visa');
    const { id } = await account.stripe.refunds.create({ payment_intent: paid.id });
    expect((await refusal(account.stripe.refunds.cancel(id))).statusCode).toBe(400);
  });

  whereControlled(() => {
    it('that waits for the customer can be canceled, and gives the amount back', async () => {
      const paid = await pay(account.stripe, 'pm_card_visa');
      const { id } = await account.stripe.refunds.create({ payment_intent: paid.id, amount: 700 });
      await account.control.changeRefund(id, { status: 'requires_action' });
      const waiting = await account.stripe.refunds.retrieve(id);
      expect(waiting.next_action?.type).toBe('display_details');
      expect((await chargeOf(paid.id)).amount_refunded).toBe(700);
      expect((await account.stripe.refunds.cancel(id)).status).toBe('canceled');
      expect((await chargeOf(paid.id)).amount_refunded).toBe(0);
    });

    it('is taken to any state by control, and out of a final one by nothing', async () => {
      const paid = await pay(account.stripe, 'pm_card_visa');
      const { id } = await account.stripe.refunds.create({ payment_intent: paid.id });
      await account.control.changeRefund(id, { status: 'pending' });
      const failure = { status: 'failed', failureReason: 'lost_or_stolen_card' };
      await account.control.changeRefund(id, failure);
      expect(await account.stripe.refunds.retrieve(id)).toMatchObject({
        status: 'failed',
        failure_reason: 'lost_or_stolen_card',
      });
      const back = account.control.changeRefund(id, { status: 'succeeded' });
      await expect(back).rejects.toThrow('for good');
    });
  });
});

describe('the books', () => {
  it('have a line for the charge and one for the refund, exact to the cent', async () => {
    const paid = await pay(account.stripe, 'pm_card_visa');
    const charged = await account.later(async () => {
      const { balance_transaction: line } = await chargeOf(paid.id);
      return account.stripe.balanceTransactions.retrieve(idOf(line));
    });
    expect(charged).toMatchObject({ amount: 2000, type: 'charge', source: paid.latest_charge });
    expect(charged.net).toBe(charged.amount - charged.fee);
    expect(charged.fee).toBe(charged.fee_details.reduce((sum, { amount }) => sum + amount, 0));
    const refund = await account.stripe.refunds.create({ payment_intent: paid.id, amount: 700 });
    const refunded = await account.stripe.balanceTransactions.retrieve(
      idOf(refund.balance_transaction),
    );
    expect(refunded).toMatchObject({ amount: -700, fee: 0, net: -700, type: 'refund' });
    const about = await account.stripe.balanceTransactions.list({ source: refund.id });
    expect(about.data.map(({ id }) => id)).toEqual([refunded.id]);
  });

  whereControlled(() => {
    it('charge 2.9 % and 30, and book an asynchronous capture a moment later', async () => {
      const paid = await pay(account.stripe, 'pm_card_visa', { capture_method: 'automatic_async' });
      expect((await chargeOf(paid.id)).balance_transaction).toBeNull();
      await account.control.advance(1_000);
      const charge = await chargeOf(paid.id);
      const line = await account.stripe.balanceTransactions.retrieve(
        idOf(charge.balance_transaction),
      );
      expect(line).toMatchObject({ amount: 2000, fee: 88, net: 1912, status: 'pending' });
      const [told] = (await account.stripe.events.list({ type: 'charge.updated', limit: 1 })).data;
      expect(told?.data).toMatchObject({
        object: { id: charge.id },
        previous_attributes: { balance_transaction: null },
      });
    });
  });
});
