import { readSettings } from './settings';

const shop = { API_URL: 'http://127.0.0.1:3000', API_KEY: 'psk_1' };

test('an address that is not Stripe’s makes browsers confirm at the sandbox', () => {
  const settings = readSettings({ ...shop, STRIPE_API_URL: 'http://127.0.0.1:12111/' });
  expect(settings).toEqual({
    port: 0,
    apiUrl: shop.API_URL,
    apiKey: shop.API_KEY,
    publishableKey: 'pk_test_sandbox',
    sandboxUrl: 'http://127.0.0.1:12111',
  });
});

test.each([undefined, '', 'https://api.stripe.com'])('%p leaves browsers to Stripe', (url) => {
  const settings = readSettings({
    ...shop,
    STRIPE_API_URL: url,
    STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
  });
  expect(settings).toMatchObject({ sandboxUrl: null, publishableKey: 'pk_test_1' });
});

test.each([undefined, 'sk_test_1', 'pk_live_1'])('with Stripe the key %p is refused', (key) => {
  expect(() => readSettings({ ...shop, STRIPE_PUBLISHABLE_KEY: key })).toThrow('pk_test_');
});

test('without paysaga it says how to get at one', () => {
  expect(() => readSettings({ ...shop, API_KEY: '' })).toThrow('npm run -s stack:env');
});
