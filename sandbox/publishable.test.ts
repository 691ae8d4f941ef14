import type StripeSdk from 'stripe';
import { sdkFor } from './sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from './server';

let sandbox: RunningSandbox;
let stripe: StripeSdk;
beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sdkFor(sandbox.url);
});
afterAll(() => sandbox.close());

const open = (change: Partial<StripeSdk.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 2000,
    currency: 'eur',
    allowed_payment_method_types: ['card'],
    metadata: { internal: 'margin' },
    ...change,
  });

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { error?: Record<string, unknown> };
}

/** What a page of another origin sends, the way Stripe.js does. */
async function browser(
  method: 'GET' | 'POST',
  path: string,
  fields: Record<string, string>,
): Promise<Answer> {
  const form = new URLSearchParams({ key: 'pk_test_sandbox', ...fields });
  const headers = { origin: 'https://shop.example' };
  const response =
    method === 'GET'
      ? await fetch(`${sandbox.url}/v1/${path}?${form.toString()}`, { headers })
      : await fetch(`${sandbox.url}/v1/${path}`, { method, headers, body: form });
  const body = (await response.json()) as Answer['body'];
  return { status: response.status, headers: response.headers, body };
}
const secretOf = (intent: StripeSdk.PaymentIntent) => ({
  client_secret: intent.client_secret ?? '',
});

describe('a browser with a publishable key', () => {
  it("confirms an intent with its client secret, and sees no merchant's fields", async () => {
    const customer = await stripe.customers.create();
    const intent = await open({ customer: customer.id });
    const confirmed = await browser('POST', `payment_intents/${intent.id}/confirm`, {
      ...secretOf(intent),
      payment_method: 'pm_card_visa',
      return_url: 'https://shop.example/back',
    });
    expect(confirmed.status).toBe(200);
    expect(confirmed.headers.get('access-control-allow-origin')).toBe('*');
    expect(confirmed.body).toMatchObject({ id: intent.id, status: 'succeeded' });
    for (const hidden of ['customer', 'metadata', 'latest_charge', 'amount_received']) {
      expect(confirmed.body).not.toHaveProperty(hidden);
    }
    const read = await browser('GET', `payment_intents/${intent.id}`, secretOf(intent));
    expect(read.body).toEqual({ ...confirmed.body });
  });

  it('is told of a decline without what belongs to the merchant', async () => {
    const customer = await stripe.customers.create();
    const intent = await open({ customer: customer.id });
    const declined = await browser('POST', `payment_intents/${intent.id}/confirm`, {
      ...secretOf(intent),
      payment_method: 'pm_card_chargeDeclined',
    });
    expect(declined.status).toBe(402);
    expect(declined.body.error).toMatchObject({ code: 'card_declined' });
    const text = JSON.stringify(declined.body);
    expect(text).not.toContain('margin');
    expect(text).not.toContain(customer.id);
  });

  it.each([
    ['a wrong secret', { client_secret: 'pi_1_secret_guess' }, 'payment_intent_invalid_parameter'],
    ['no secret', {}, 'parameter_missing'],
  ])('with %s reads and confirms nothing', async (_name, secret, code) => {
    const intent = await open();
    const card = { payment_method: 'pm_card_visa' };
    const path = `payment_intents/${intent.id}`;
    const read = await browser('GET', path, secret);
    const confirmed = await browser('POST', `${path}/confirm`, { ...secret, ...card });
    for (const answer of [read, confirmed]) {
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({ code });
      expect(JSON.stringify(answer.body)).not.toContain(intent.client_secret);
    }
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(
      'requires_payment_method',
    );
  });

  it('can do nothing else', async () => {
    const intent = await open({ capture_method: 'manual' });
    const secret = secretOf(intent);
    const calls: ['GET' | 'POST', string][] = [
      ['POST', 'payment_intents'],
      ['GET', 'payment_intents'],
      ['POST', `payment_intents/${intent.id}`],
      ['POST', `payment_intents/${intent.id}/cancel`],
      ['POST', `payment_intents/${intent.id}/capture`],
      ['POST', 'refunds'],
      ['GET', 'charges'],
      ['GET', 'events'],
      ['GET', 'disputes'],
      ['GET', 'balance_transactions'],
      ['GET', 'customers'],
    ];
    for (const [method, path] of calls) {
      const answer = await browser(method, path, secret);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.body.error).toMatchObject({ code: 'secret_key_required' });
    }
    const path = `payment_intents/${intent.id}`;
    const expanded = await browser('GET', path, { ...secret, 'expand[]': 'latest_charge' });
    expect(expanded.status).toBe(400);
  });

  it.each(['off_session', 'capture_method', 'metadata', 'amount'])(
    'cannot decide on %s',
    async (name) => {
      const intent = await open();
      const answer = await browser('POST', `payment_intents/${intent.id}/confirm`, {
        ...secretOf(intent),
        payment_method: 'pm_card_visa',
        [name]: 'true',
      });
      expect(answer.body.error).toMatchObject({ code: 'parameter_unknown', param: name });
    },
  );

  it("is never replayed the server's answer", async () => {
    const intent = await open();
    const sent = { payment_method: 'pm_card_visa', ...secretOf(intent) };
    const path = `${sandbox.url}/v1/payment_intents/${intent.id}/confirm`;
    const ask = (key: string) =>
      fetch(path, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'shared' },
        body: new URLSearchParams(sent),
      });
    expect((await ask('sk_test_sandbox')).status).toBe(200);
    expect((await ask('pk_test_sandbox')).status).toBe(400);
  });

  it('may not confirm an intent that its server confirms', async () => {
    const intent = await open({ confirmation_method: 'manual' });
    const answer = await browser('POST', `payment_intents/${intent.id}/confirm`, {
      ...secretOf(intent),
      payment_method: 'pm_card_visa',
    });
    expect(answer.status).toBe(400);
  });

  it('may ask from any page, but the control endpoints from none', async () => {
    const preflight = await fetch(`${sandbox.url}/v1/payment_intents/pi_1/confirm`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const control = await fetch(`${sandbox.url}/_sandbox/ledger`, {
      headers: { origin: 'https://shop.example' },
    });
    expect(control.status).toBe(403);
    expect(control.headers.get('access-control-allow-origin')).toBeNull();
  });
});
