import StripeSdk from 'stripe';
import { idOf, order, pay, refusal, useAccount, whereControlled } from './account.fixture';

const account = useAccount();
const open = (change: Partial<StripeSdk.PaymentIntentCreateParams> = {}) =>
  account.stripe.paymentIntents.create({ ...order, ...change });
const confirm = (id: string, payment_method: string) =>
  account.stripe.paymentIntents.confirm(id, { payment_method });

describe('a payment', () => {
  it('is created unconfirmed, confirmed, and read with its charge', async () => {
    const created = await open({ metadata: { order: '7' } });
    expect(created).toMatchObject({
      object: 'payment_intent',
      status: 'requires_payment_method',
      latest_charge: null,
      livemode: false,
      metadata: { order: '7' },
    });
    expect(created.client_secret).toMatch(new RegExp(`^${created.id}_secret_`));
    const paid = await confirm(created.id, 'pm_card_visa');
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 2000 });
    const read = await account.stripe.paymentIntents.retrieve(created.id, {
      expand: ['latest_charge'],
    });
    expect(read.latest_charge).toMatchObject({
      id: idOf(paid.latest_charge),
      amount: 2000,
      amount_captured: 2000,
      amount_refunded: 0,
      captured: true,
      disputed: false,
      paid: true,
      payment_intent: created.id,
      payment_method_details: { card: { brand: 'visa', last4: '4242' } },
      status: 'succeeded',
    });
  });

  it('with a card attached first waits for its confirmation', async () => {
    const intent = await open({ payment_method: 'pm_card_visa' });
    expect(intent.status).toBe('requires_confirmation');
    const paid = await account.stripe.paymentIntents.confirm(intent.id);
    expect(paid.status).toBe('succeeded');
  });

  it('captures asynchronously unless told otherwise', async () => {
    const intent = await account.stripe.paymentIntents.create({ amount: 2000, currency: 'usd' });
    expect(intent).toMatchObject({
      capture_method: 'automatic_async',
      automatic_payment_methods: { enabled: true },
    });
  });

  it.each([
    ['pm_card_visa', 'visa'],
    ['pm_card_mastercard', 'mastercard'],
    ['pm_card_amex', 'amex'],
  ])('%s succeeds', async (card, brand) => {
    const paid = await pay(account.stripe, card, { expand: ['latest_charge'] });
    expect(paid).toMatchObject({
      status: 'succeeded',
      latest_charge: { payment_method_details: { card: { brand } } },
    });
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
    ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded'],
    ['pm_card_radarBlock', 'card_declined', 'fraudulent'],
  ])('%s is declined with %s / %s, and another card may follow', async (card, code, why) => {
    const { id } = await open();
    const declined = await refusal(confirm(id, card));
    expect(declined).toBeInstanceOf(StripeSdk.errors.StripeCardError);
    expect(declined).toMatchObject({ statusCode: 402, code, decline_code: why });
    expect(declined.charge).toMatch(/^ch_/);
    expect(await account.stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      latest_charge: declined.charge,
      payment_method: null,
      last_payment_error: { code, decline_code: why, type: 'card_error' },
    });
    expect((await confirm(id, 'pm_card_visa')).status).toBe('succeeded');
  });

  it.each([
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error'],
  ])('%s is declined with the code %s itself', async (card, code) => {
    expect(await refusal(pay(account.stripe, card))).toMatchObject({ statusCode: 402, code });
  });

  it.each([
    [{ amount: 49 }, 'amount_too_small', 'amount'],
    [{ amount: 100_000_000 }, 'amount_too_large', 'amount'],
    [{ amount: 1.5 }, 'parameter_invalid_integer', 'amount'],
    [{ currency: undefined }, 'parameter_missing', 'currency'],
    [{ currency: '' }, 'parameter_invalid_empty', 'currency'],
    [{ shoe_size: 44 }, 'parameter_unknown', 'shoe_size'],
    [{ customer: 'cus_missing' }, 'resource_missing', 'customer'],
    [{ payment_method: 'pm_card_unheard_of' }, 'resource_missing', 'payment_method'],
  ])('%j is refused with %s', async (change, code, param) => {
    const refused = await refusal(
      account.stripe.paymentIntents.create(Object.assign({}, order, change)),
    );
    expect(refused).toMatchObject({
      statusCode: 400,
      rawType: 'invalid_request_error',
      code,
      param,
    });
    expect(refused.requestId).toMatch(/^req_/);
  });

  it('a missing intent is a 404, and what cannot be expanded a 400 that changes nothing', async () => {
    const missing = await refusal(account.stripe.paymentIntents.retrieve('pi_missing'));
    expect(missing).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    const { id } = await open();
    const unknown = account.stripe.paymentIntents.cancel(id, { expand: ['shoe_size'] });
    expect((await refusal(unknown)).statusCode).toBe(400);
    expect((await account.stripe.paymentIntents.retrieve(id)).status).toBe(
      'requires_payment_method',
    );
  });

  it('a server-side confirm that could redirect needs a return_url', async () => {
    const { amount, currency } = order;
    const intent = await account.stripe.paymentIntents.create({ amount, currency });
    const refused = await refusal(confirm(intent.id, 'pm_card_visa'));
    expect(refused).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error' });
    const paid = await account.stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_visa',
      return_url: 'https://shop.example/back',
    });
    expect(paid.status).toBe('succeeded');
  });

  whereControlled(() => {
    it.each([
      ['pm_card_sandboxProcessing', 'succeeded'],
      ['pm_card_sandboxProcessingDeclined', 'requires_payment_method'],
    ])('%s is processing until the network says %s', async (card, status) => {
      const slow = await pay(account.stripe, card);
      expect(slow.status).toBe('processing');
      await account.later(async () => {
        expect((await account.stripe.paymentIntents.retrieve(slow.id)).status).toBe(status);
      });
    });
  });
});

describe('a manual capture', () => {
  const hold = () => pay(account.stripe, 'pm_card_visa', { capture_method: 'manual' });

  it('holds the amount until a day that the charge names', async () => {
    const held = await pay(account.stripe, 'pm_card_visa', {
      capture_method: 'manual',
      expand: ['latest_charge'],
    });
    expect(held).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 2000,
      amount_received: 0,
      latest_charge: { captured: false, amount_captured: 0 },
    });
    const charge = held.latest_charge as StripeSdk.Charge;
    const before = charge.payment_method_details?.card?.capture_before ?? 0;
    expect(before).toBeGreaterThan(charge.created + 86_400);
  });

  it('takes a part and releases the rest, once', async () => {
    const { id } = await hold();
    const captured = await account.stripe.paymentIntents.capture(id, {
      amount_to_capture: 1200,
      expand: ['latest_charge'],
    });
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount: 2000,
      amount_capturable: 0,
      amount_received: 1200,
      latest_charge: { captured: true, amount_captured: 1200, amount_refunded: 800 },
    });
    expect(await refusal(account.stripe.paymentIntents.capture(id))).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
      payment_intent: { id, status: 'succeeded' },
    });
  });

  it('never takes more than is held', async () => {
    const { id } = await hold();
    const more = account.stripe.paymentIntents.capture(id, { amount_to_capture: 2001 });
    expect((await refusal(more)).statusCode).toBe(400);
    expect((await account.stripe.paymentIntents.retrieve(id)).status).toBe('requires_capture');
  });

  it('is given up by a cancel, after which nothing can be captured', async () => {
    const { id } = await hold();
    const canceled = await account.stripe.paymentIntents.cancel(id, {
      cancellation_reason: 'requested_by_customer',
      expand: ['latest_charge'],
    });
    expect(canceled).toMatchObject({
      status: 'canceled',
      amount_capturable: 0,
      cancellation_reason: 'requested_by_customer',
      latest_charge: { captured: false, refunded: true, amount_refunded: 2000 },
    });
    const late = await refusal(account.stripe.paymentIntents.capture(id));
    expect(late.code).toBe('payment_intent_unexpected_state');
  });

  it.each(['confirm', 'cancel'] as const)('a succeeded payment allows no %s', async (act) => {
    const { id } = await pay(account.stripe, 'pm_card_visa');
    const refused = await refusal(account.stripe.paymentIntents[act](id));
    expect(refused).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
      payment_intent: { id, status: 'succeeded' },
    });
  });

  whereControlled(() => {
    it('lapses on its day: canceled automatically, and said so', async () => {
      const { id } = await hold();
      await account.control.advance(7 * 86_400_000);
      const lapsed = await account.stripe.paymentIntents.retrieve(id, {
        expand: ['latest_charge'],
      });
      expect(lapsed).toMatchObject({
        status: 'canceled',
        cancellation_reason: 'automatic',
        latest_charge: { captured: false, refunded: true },
      });
      const types = ['charge.expired', 'payment_intent.canceled'];
      const told = await account.stripe.events.list({ types, limit: 2 });
      expect(told.data.map((event) => event.type)).toEqual(types.toReversed());
    });
  });
});
