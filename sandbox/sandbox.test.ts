import StripeSdk from 'stripe';
import { controlOf, sdkFor } from './sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from './server';

let sandbox: RunningSandbox;
let stripe: StripeSdk;
beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sdkFor(sandbox.url);
});
afterAll(() => sandbox.close());

const order = {
  amount: 2000,
  currency: 'usd',
  allowed_payment_method_types: ['card' as const],
  capture_method: 'automatic' as const,
};
const open = (change: Partial<StripeSdk.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({ ...order, ...change });
const pay = async (
  paymentMethod: string,
  change: Partial<StripeSdk.PaymentIntentCreateParams> = {},
) => {
  const intent = await open(change);
  return stripe.paymentIntents.confirm(intent.id, {
    payment_method: paymentMethod,
    expand: ['latest_charge'],
  });
};
const failure = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof StripeSdk.errors.StripeError) return error;
  throw error;
};
const ledgerOf = async (id: string) =>
  (await controlOf(sandbox.url).ledger(`payment_intent=${id}`))[0];

describe('the sandbox, driven by the official library', () => {
  it('an intent is created, confirmed, read, and refunded in parts up to its amount', async () => {
    const created = await open({ metadata: { order: '7' } });
    expect(created).toMatchObject({ status: 'requires_payment_method', latest_charge: null });
    const paid = await stripe.paymentIntents.confirm(created.id, {
      payment_method: 'pm_card_visa',
    });
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 2000 });
    expect(typeof paid.latest_charge).toBe('string');
    await stripe.refunds.create({ payment_intent: paid.id, amount: 1500 });
    const tooMuch = await failure(stripe.refunds.create({ payment_intent: paid.id, amount: 501 }));
    expect(tooMuch.statusCode).toBe(400);
    await stripe.refunds.create({ payment_intent: paid.id });
    const again = await failure(stripe.refunds.create({ payment_intent: paid.id }));
    expect(again.code).toBe('charge_already_refunded');
    expect(await ledgerOf(paid.id)).toMatchObject({ captured: 2000, refunded: 2000, charges: 1 });
  });

  it('a manual intent is held, captured in part, and the rest is released', async () => {
    const held = await pay('pm_card_visa', { capture_method: 'manual' });
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2000 });
    const charge = typeof held.latest_charge === 'object' ? held.latest_charge : null;
    expect(charge?.payment_method_details?.card?.capture_before).toBe(
      (charge?.created ?? 0) + 7 * 86_400,
    );
    await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1200 });
    expect(await ledgerOf(held.id)).toMatchObject({ held: 0, captured: 1200, refunded: 0 });
    const left = await failure(stripe.paymentIntents.capture(held.id));
    expect(left.payment_intent?.status).toBe('succeeded');
  });

  it('a canceled hold is released and can be captured no more', async () => {
    const held = await pay('pm_card_visa', { capture_method: 'manual' });
    const canceled = await stripe.paymentIntents.cancel(held.id);
    expect(canceled).toMatchObject({ status: 'canceled', amount_capturable: 0 });
    const late = await failure(stripe.paymentIntents.capture(held.id));
    expect(late.code).toBe('payment_intent_unexpected_state');
    expect(await ledgerOf(held.id)).toMatchObject({ held: 0, captured: 0, refunded: 0 });
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
    ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
    ['pm_card_radarBlock', 'card_declined', 'fraudulent'],
  ])(
    '%s is declined with %s, %s, and the intent waits for another card',
    async (card, code, why) => {
      const declined = await failure(pay(card));
      expect(declined).toBeInstanceOf(StripeSdk.errors.StripeCardError);
      expect(declined).toMatchObject({ statusCode: 402, code, decline_code: why });
      expect(declined.payment_intent).toMatchObject({
        status: 'requires_payment_method',
        last_payment_error: { code, decline_code: why },
      });
      const id = declined.payment_intent?.id ?? '';
      expect(await ledgerOf(id)).toMatchObject({ captured: 0, charges: 0, failedCharges: 1 });
      const second = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
      expect(second.status).toBe('succeeded');
    },
  );

  it('a challenge leaves the intent waiting, and ends in a charge or in none', async () => {
    const waiting = await pay('pm_card_authenticationRequired');
    expect(waiting).toMatchObject({ status: 'requires_action', latest_charge: null });
    await controlOf(sandbox.url).authenticate(waiting.id, 'succeed');
    expect(await ledgerOf(waiting.id)).toMatchObject({ status: 'succeeded', charges: 1 });
    const lost = await pay('pm_card_authenticationRequired');
    await controlOf(sandbox.url).authenticate(lost.id, 'fail');
    expect(await ledgerOf(lost.id)).toMatchObject({
      status: 'requires_payment_method',
      charges: 0,
    });
  });

  it('off session the same card is declined at once', async () => {
    const intent = await open();
    const call = stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_authenticationRequired',
      off_session: true,
    });
    expect((await failure(call)).decline_code).toBe('authentication_required');
  });

  it('a server-side confirm open to redirects is refused without a return_url', async () => {
    const { amount, currency } = order;
    const intent = await stripe.paymentIntents.create({ amount, currency });
    expect(intent.capture_method).toBe('automatic_async');
    const card = { payment_method: 'pm_card_visa' };
    const refused = await failure(stripe.paymentIntents.confirm(intent.id, card));
    expect(refused).toMatchObject({ statusCode: 400, param: 'return_url' });
    const back = { ...card, return_url: 'https://shop.example/back' };
    expect((await stripe.paymentIntents.confirm(intent.id, back)).status).toBe('succeeded');
  });

  it("a customer's payment method is refused without that customer", async () => {
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
    const saved = await pay('pm_card_visa', {
      customer: customer.id,
      setup_future_usage: 'off_session',
    });
    const method = typeof saved.payment_method === 'string' ? saved.payment_method : '';
    expect((await pay(method, { customer: customer.id })).status).toBe('succeeded');
    expect((await failure(pay(method))).param).toBe('payment_method');
  });

  it('the list of card types that version 2026-09-30 took away is refused there', async () => {
    const old = { ...order, payment_method_types: ['card'] };
    const refused = await failure(stripe.paymentIntents.create(old));
    expect(refused).toMatchObject({ code: 'parameter_unknown', param: 'payment_method_types' });
  });

  it.each([
    [{ amount: 49 }, 'amount_too_small'],
    [{ amount: 1.5 }, 'parameter_invalid_integer'],
    [{ currency: '' }, 'parameter_missing'],
    [{ shoe_size: 44 }, 'parameter_unknown'],
    [{ customer: 'cus_unknown' }, 'resource_missing'],
  ])('%j is refused with %s', async (change, code) => {
    const refused = stripe.paymentIntents.create(Object.assign({}, order, change));
    expect((await failure(refused)).code).toBe(code);
  });

  it('a missing object is a 404 and a missing key a 401', async () => {
    const missing = await failure(stripe.paymentIntents.retrieve('pi_missing'));
    expect(missing).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    expect(missing.requestId).toMatch(/^req_/);
    expect((await fetch(`${sandbox.url}/v1/payment_intents`)).status).toBe(401);
    const live = { authorization: 'Bearer sk_live_abc' };
    expect((await fetch(`${sandbox.url}/v1/refunds`, { headers: live })).status).toBe(401);
    const basic = { authorization: `Basic ${Buffer.from('sk_test_a:').toString('base64')}` };
    expect((await fetch(`${sandbox.url}/v1/refunds`, { headers: basic })).status).toBe(200);
  });

  it('lists page through everything once, newest first', async () => {
    const paid = await pay('pm_card_visa');
    const made: string[] = [];
    for (let part = 0; part < 5; part += 1) {
      made.unshift((await stripe.refunds.create({ payment_intent: paid.id, amount: 10 })).id);
    }
    const listed: string[] = [];
    for await (const refund of stripe.refunds.list({ payment_intent: paid.id, limit: 2 })) {
      listed.push(refund.id);
    }
    expect(listed).toEqual(made);
  });

  it('a hold lapses after seven days of the sandbox clock', async () => {
    const own = await startSandbox();
    const sdk = sdkFor(own.url);
    const held = await sdk.paymentIntents.create({
      ...order,
      capture_method: 'manual',
      confirm: true,
      payment_method: 'pm_card_visa',
    });
    await controlOf(own.url).advance(7 * 86_400_000);
    const after = await sdk.paymentIntents.retrieve(held.id);
    expect(after).toMatchObject({ status: 'canceled', cancellation_reason: 'automatic' });
    const expired = await sdk.events.list({ type: 'charge.expired' });
    expect(expired.data).toHaveLength(1);
    await own.close();
  });

  it('slow and failing refunds settle later', async () => {
    const own = await startSandbox();
    const sdk = sdkFor(own.url);
    const refundOf = async (card: string) => {
      const paid = await sdk.paymentIntents.create({
        ...order,
        confirm: true,
        payment_method: card,
      });
      return sdk.refunds.create({ payment_intent: paid.id });
    };
    const slow = await refundOf('pm_card_pendingRefund');
    const failing = await refundOf('pm_card_refundFail');
    expect([slow.status, failing.status]).toEqual(['pending', 'succeeded']);
    await controlOf(own.url).advance(10_000);
    expect((await sdk.refunds.retrieve(slow.id)).status).toBe('succeeded');
    expect((await sdk.refunds.retrieve(failing.id)).status).toBe('failed');
    const ledger = await controlOf(own.url).ledger();
    expect(ledger.map((line) => line.refunded)).toEqual([2000, 0]);
    await own.close();
  });
});
