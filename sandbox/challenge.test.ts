import type StripeSdk from 'stripe';
import { controlOf, press, sdkFor } from './sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from './server';

let sandbox: RunningSandbox;
let stripe: StripeSdk;
beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sdkFor(sandbox.url);
});
afterAll(() => sandbox.close());

const challenged = (change: Partial<StripeSdk.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 2000,
    currency: 'eur',
    allowed_payment_method_types: ['card'],
    confirm: true,
    payment_method: 'pm_card_threeDSecure2Required',
    return_url: 'https://shop.example/back?order=7',
    ...change,
  });
const pageOf = (intent: StripeSdk.PaymentIntent) =>
  intent.next_action?.redirect_to_url?.url ?? 'no page';
const now = (intent: StripeSdk.PaymentIntent) => stripe.paymentIntents.retrieve(intent.id);

describe("the sandbox's challenge page", () => {
  it('is its own, offers both ends, and says nothing of the client secret', async () => {
    const intent = await challenged();
    expect(pageOf(intent)).toMatch(`${sandbox.url}/challenges/${intent.id}/`);
    const page = await fetch(pageOf(intent));
    const html = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('value="complete"');
    expect(html).toContain('value="fail"');
    expect(html).not.toContain('_secret_');
    expect((await now(intent)).status).toBe('requires_action');
  });

  it.each([
    ['complete', 'succeeded', 'succeeded'],
    ['fail', 'failed', 'requires_payment_method'],
  ] as const)('%s sends the customer back with %s', async (outcome, told, status) => {
    const intent = await challenged();
    const answer = await press(pageOf(intent), outcome);
    expect(answer.status).toBe(303);
    const back = new URL(answer.headers.get('location') ?? '');
    expect(`${back.origin}${back.pathname}`).toBe('https://shop.example/back');
    expect(Object.fromEntries(back.searchParams)).toEqual({
      order: '7',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: told,
    });
    expect(await now(intent)).toMatchObject({ status, next_action: null });
  });

  it('a challenge ends once: pressing again changes nothing', async () => {
    const intent = await challenged();
    await press(pageOf(intent), 'complete');
    expect((await press(pageOf(intent), 'fail')).status).toBe(410);
    expect((await now(intent)).status).toBe('succeeded');
  });

  it('a new confirm makes the page before it void', async () => {
    const intent = await challenged();
    const again = await stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_threeDSecure2Required',
      return_url: 'https://shop.example/',
    });
    expect((await press(pageOf(intent), 'complete')).status).toBe(410);
    expect((await press(pageOf(again), 'complete')).status).toBe(303);
  });

  it('a hold follows a challenge too, and tells of the authentication', async () => {
    const intent = await challenged({ capture_method: 'manual' });
    const answer = await press(pageOf(intent), 'complete');
    expect(answer.headers.get('location')).toContain('redirect_status=succeeded');
    const held = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
    expect(held).toMatchObject({
      status: 'requires_capture',
      latest_charge: {
        payment_method_details: { card: { three_d_secure: { result: 'authenticated' } } },
      },
    });
  });

  it('a refused authentication is no charge, an issuer that says no afterwards is one', async () => {
    const refused = await challenged();
    await press(pageOf(refused), 'fail');
    expect(await now(refused)).toMatchObject({
      latest_charge: null,
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
    const declined = await challenged({
      payment_method: 'pm_card_threeDSecureRequiredChargeDeclined',
    });
    const answer = await press(pageOf(declined), 'complete');
    expect(answer.headers.get('location')).toContain('redirect_status=failed');
    expect((await now(declined)).last_payment_error?.decline_code).toBe('generic_decline');
  });

  it('without a return_url the page is left to the library, and ends on itself', async () => {
    const { id } = await stripe.paymentIntents.create({
      amount: 2000,
      currency: 'eur',
      allowed_payment_method_types: ['card'],
    });
    const intent = await stripe.paymentIntents.confirm(id, {
      payment_method: 'pm_card_threeDSecure2Required',
    });
    expect(intent.next_action?.type).toBe('use_stripe_sdk');
    const answer = await press(
      String(intent.next_action?.use_stripe_sdk?.['stripe_js']),
      'complete',
    );
    expect(answer.status).toBe(200);
    expect((await now(intent)).status).toBe('succeeded');
  });

  it('no challenge returns to an address that a browser would run', async () => {
    await expect(challenged({ return_url: 'javascript:alert(1)' })).rejects.toMatchObject({
      code: 'url_invalid',
      param: 'return_url',
    });
  });

  it('an abandoned challenge waits for ever, until somebody cancels it', async () => {
    const intent = await challenged();
    await controlOf(sandbox.url).advance(30 * 86_400_000);
    expect((await now(intent)).status).toBe('requires_action');
    await stripe.paymentIntents.cancel(intent.id);
    expect((await press(pageOf(intent), 'complete')).status).toBe(410);
  });
});
