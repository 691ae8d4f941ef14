import type { Page } from 'playwright-core';
import { fromStack } from '../support/stack-environment';
import { isTold, mayPay, openShop, PAY } from './shop.fixture';
import type { Shop } from './shop.fixture';

/**
 * Stands for the script that only Stripe may serve: the calls that the page makes of it, one card,
 * and the same requests to api.stripe.com.
 */
const STRIPE_JS = `
  globalThis.Stripe = (key) => {
    const ask = async (client_secret, { path = '', ...init } = {}, more = {}) => {
      const url = 'https://api.stripe.com/v1/payment_intents/' + client_secret.split('_secret_')[0];
      const fields = new URLSearchParams({ key, client_secret, ...more });
      const isPost = init.method === 'POST';
      const answer = await fetch(isPost ? url + path : url + '?' + fields,
        isPost ? { ...init, body: fields } : init);
      return answer.json();
    };
    return {
      elements: ({ clientSecret }) => ({
        clientSecret,
        create: (type) => ({ mount: (place) => place.append(type + ' element') }),
      }),
      retrievePaymentIntent: async (secret) => ({ paymentIntent: await ask(secret) }),
      confirmPayment: ({ elements, confirmParams }) =>
        ask(elements.clientSecret, { path: '/confirm', method: 'POST' },
          { ...confirmParams, payment_method: 'pm_card_visa' }),
    };
  };`;

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ STRIPE_PUBLISHABLE_KEY: 'pk_test_browser' });
});
afterAll(() => shop.close());

/** The account that paysaga charges is the sandbox's, so that is where Stripe's address leads. */
async function playStripe(page: Page): Promise<void> {
  await page.route('https://js.stripe.com/**', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: STRIPE_JS }),
  );
  await page.route('https://api.stripe.com/**', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const url = `${fromStack('STRIPE_API_URL')}${pathname}${search}`;
    await route.fulfill({ response: await route.fetch({ url }) });
  });
}

it('with a key of Stripe the page pays by the payment element of Stripe.js', async () => {
  const customer = await shop.visit(playStripe);
  await mayPay(customer);
  expect(await customer.page.getByText('payment element').isVisible()).toBe(true);
  await customer.page.getByRole('button', { name: PAY }).click();
  await isTold(customer, /Paid/);
  expect(customer.complaints).toEqual([]);
});
