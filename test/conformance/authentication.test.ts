import type StripeSdk from 'stripe';
import { press } from '../../sandbox/sandbox-client.fixture';
import { idOf, pay, refusal, useAccount, whereControlled } from './account.fixture';

const account = useAccount();
const back = { return_url: 'https://shop.example/back' };
const pageOf = (intent: StripeSdk.PaymentIntent) =>
  intent.next_action?.redirect_to_url?.url ?? 'no page';

describe('a card that wants its holder', () => {
  it.each(['pm_card_authenticationRequired', 'pm_card_threeDSecure2Required'])(
    '%s sends the customer to a page, and charges nothing meanwhile',
    async (card) => {
      const waiting = await pay(account.stripe, card, back);
      expect(waiting).toMatchObject({
        status: 'requires_action',
        latest_charge: null,
        next_action: { type: 'redirect_to_url', redirect_to_url: back },
      });
      expect(pageOf(waiting)).toMatch(/^https?:\/\//);
      const { status } = await account.stripe.paymentIntents.cancel(waiting.id);
      expect(status).toBe('canceled');
    },
  );

  it('without a way back is left to the library', async () => {
    const waiting = await pay(account.stripe, 'pm_card_threeDSecure2Required');
    expect(waiting).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'use_stripe_sdk' },
    });
  });

  it('is declined at once where no holder is there, and can be confirmed with them later', async () => {
    const customer = await account.stripe.customers.create();
    const method = await account.stripe.paymentMethods.attach('pm_card_authenticationRequired', {
      customer: customer.id,
    });
    const offSession = pay(account.stripe, method.id, { customer: customer.id, off_session: true });
    const declined = await refusal(offSession);
    expect(declined).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      decline_code: 'authentication_required',
      payment_intent: { status: 'requires_payment_method' },
    });
    const { id } = declined.payment_intent!;
    const onSession = await account.stripe.paymentIntents.confirm(id, {
      payment_method: method.id,
      ...back,
    });
    expect(onSession.status).toBe('requires_action');
  });

  it('is declined where the caller wants no challenge', async () => {
    const call = pay(account.stripe, 'pm_card_authenticationRequired', {
      error_on_requires_action: true,
    });
    expect(await refusal(call)).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
    });
  });

  it('set up already, it is charged without its holder', async () => {
    const customer = await account.stripe.customers.create();
    const method = await account.stripe.paymentMethods.attach(
      'pm_card_authenticationRequiredSetupForOffSession',
      { customer: customer.id },
    );
    const change = { customer: customer.id, off_session: true };
    expect((await pay(account.stripe, method.id, change)).status).toBe('succeeded');
  });

  whereControlled(() => {
    it.each([
      ['complete', 'succeeded', 'succeeded'],
      ['fail', 'failed', 'requires_payment_method'],
    ] as const)('%s ends the challenge as %s', async (outcome, told, status) => {
      const waiting = await pay(account.stripe, 'pm_card_threeDSecure2Required', back);
      const answer = await press(pageOf(waiting), outcome);
      expect(answer.headers.get('location')).toContain(`redirect_status=${told}`);
      expect(await account.stripe.paymentIntents.retrieve(waiting.id)).toMatchObject({
        status,
        next_action: null,
      });
    });

    it('a card set up on session needs no challenge off session', async () => {
      const { stripe } = account;
      const customer = await stripe.customers.create();
      const first = await pay(stripe, 'pm_card_authenticationRequiredOnSetup', {
        ...back,
        customer: customer.id,
        setup_future_usage: 'off_session',
      });
      await press(pageOf(first), 'complete');
      const method = idOf((await stripe.paymentIntents.retrieve(first.id)).payment_method);
      const change = { customer: customer.id, off_session: true };
      expect((await pay(stripe, method, change)).status).toBe('succeeded');
    });

    it('insufficient funds show after the challenge only', async () => {
      const card = 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds';
      const waiting = await pay(account.stripe, card, back);
      expect(waiting.status).toBe('requires_action');
      await press(pageOf(waiting), 'complete');
      const { last_payment_error: why } = await account.stripe.paymentIntents.retrieve(waiting.id);
      expect(why?.decline_code).toBe('insufficient_funds');
    });
  });
});

describe('a saved card', () => {
  it('is attached by a payment with setup_future_usage, and then belongs to its customer', async () => {
    const customer = await account.stripe.customers.create({ email: 'buyer@example.com' });
    const first = await pay(account.stripe, 'pm_card_visa', {
      customer: customer.id,
      setup_future_usage: 'off_session',
    });
    const method = idOf(first.payment_method);
    const read = await account.stripe.paymentMethods.retrieve(method);
    expect(read).toMatchObject({ customer: customer.id, type: 'card', card: { last4: '4242' } });
    const again = await pay(account.stripe, method, { customer: customer.id, off_session: true });
    expect(again.status).toBe('succeeded');
    expect(await refusal(pay(account.stripe, method))).toMatchObject({
      statusCode: 400,
      rawType: 'invalid_request_error',
    });
    const saved = await account.stripe.paymentMethods.list({ customer: customer.id });
    expect(saved.data.map(({ id }) => id)).toEqual([method]);
  });

  it('a payment without it leaves the card to be used once', async () => {
    const first = await pay(account.stripe, 'pm_card_visa');
    const again = pay(account.stripe, idOf(first.payment_method));
    expect((await refusal(again)).statusCode).toBe(400);
  });

  it('detached, it can be used no more', async () => {
    const customer = await account.stripe.customers.create();
    const method = await account.stripe.paymentMethods.attach('pm_card_visa', {
      customer: customer.id,
    });
    const detached = await account.stripe.paymentMethods.detach(method.id);
    expect(detached.customer).toBeNull();
    const again = pay(account.stripe, method.id, { customer: customer.id });
    expect((await refusal(again)).statusCode).toBe(400);
  });

  it('a card that its issuer refuses is not saved; one refused by charges alone is', async () => {
    const customer = await account.stripe.customers.create();
    const to = { customer: customer.id };
    const refused = account.stripe.paymentMethods.attach('pm_card_chargeDeclined', to);
    expect(await refusal(refused)).toMatchObject({ statusCode: 402, code: 'card_declined' });
    const method = await account.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', to);
    expect((await refusal(pay(account.stripe, method.id, to))).code).toBe('card_declined');
  });
});
