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

  it('the list of card types that version 2026-09-30 took away is refused there', async () => {
    const old = { ...order, payment_method_types: ['card'] };
    const refused = await failure(stripe.paymentIntents.create(old));
    expect(refused).toMatchObject({ code: 'parameter_unknown', param: 'payment_method_types' });
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
});
