import type StripeSdk from 'stripe';
import { order, useAccount, whereBrowsersCan } from './account.fixture';

const account = useAccount();

/** What Stripe.js sends from a page: the publishable key as a parameter, and its origin. */
async function ask(
  method: 'GET' | 'POST',
  path: string,
  fields: Record<string, string>,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const form = new URLSearchParams({ key: account.publishableKey, ...fields });
  const headers = { origin: 'https://shop.example' };
  const url = `${account.url}/v1/${path}`;
  const response =
    method === 'GET'
      ? await fetch(`${url}?${form.toString()}`, { headers })
      : await fetch(url, { method, headers, body: form });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}
const open = () =>
  account.stripe.paymentIntents.create({ ...order, metadata: { margin: 'secret' } });
const secretOf = (intent: StripeSdk.PaymentIntent) => intent.client_secret ?? '';

describe('a browser', () => {
  whereBrowsersCan(() => {
    it('confirms with the client secret, and reads a part of the intent', async () => {
      const intent = await open();
      const path = `payment_intents/${intent.id}`;
      const confirmed = await ask('POST', `${path}/confirm`, {
        client_secret: secretOf(intent),
        payment_method: 'pm_card_visa',
        return_url: 'https://shop.example/back',
      });
      expect(confirmed.body).toMatchObject({ id: intent.id, status: 'succeeded', amount: 2000 });
      expect(confirmed.headers.get('access-control-allow-origin')).toBeTruthy();
      const read = await ask('GET', path, { client_secret: secretOf(intent) });
      for (const hidden of ['metadata', 'customer', 'latest_charge']) {
        expect(read.body).not.toHaveProperty(hidden);
      }
    });

    it('is sent to a challenge', async () => {
      const intent = await open();
      const waiting = await ask('POST', `payment_intents/${intent.id}/confirm`, {
        client_secret: secretOf(intent),
        payment_method: 'pm_card_threeDSecure2Required',
        return_url: 'https://shop.example/back',
      });
      expect(waiting.body).toMatchObject({
        status: 'requires_action',
        next_action: { type: 'redirect_to_url' },
      });
    });

    it('with the wrong secret reads and confirms nothing', async () => {
      const intent = await open();
      const secret = { client_secret: `${intent.id}_secret_guess` };
      const path = `payment_intents/${intent.id}`;
      expect((await ask('GET', path, secret)).status).toBe(400);
      const confirm = { ...secret, payment_method: 'pm_card_visa' };
      expect((await ask('POST', `${path}/confirm`, confirm)).status).toBe(400);
      const { status } = await account.stripe.paymentIntents.retrieve(intent.id);
      expect(status).toBe('requires_payment_method');
    });

    it('can neither refund nor list', async () => {
      const refund = await ask('POST', 'refunds', { payment_intent: 'pi_1' });
      expect(refund.body).toMatchObject({ error: { code: 'secret_key_required' } });
      const list = await ask('GET', 'payment_intents', {});
      expect([401, 403]).toEqual(expect.arrayContaining([refund.status, list.status]));
    });
  });
});
