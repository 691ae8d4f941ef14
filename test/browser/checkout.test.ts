import { fromStack } from '../support/stack-environment';
import {
  answerChallenge,
  cancel,
  isTold,
  mayPay,
  openShop,
  paymentsOf,
  payWith,
  providerLedgerOf,
} from './shop.fixture';
import type { Customer, Shop } from './shop.fixture';

const VISA = /succeeds/;
const DECLINED = /declined/;
const CHALLENGED = /3-D Secure/;

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ STRIPE_API_URL: fromStack('STRIPE_API_URL') });
});
afterAll(() => shop.close());

/** What came of it for the customer, at paysaga and at the provider. */
async function outcomeOf({ basket, complaints, page }: Customer) {
  await isTold({ page }, /Paid/);
  const payments = await paymentsOf(basket);
  return { payments, intents: await providerLedgerOf(payments[0]!.id), complaints };
}

/** One payment, one intent, one charge; and the policy of the page had nothing to object to. */
const paidOnce = {
  payments: [{ status: 'succeeded', amount_captured: 1250 }],
  intents: [{ status: 'succeeded', captured: 1250, charges: 1 }],
  complaints: [],
};

describe('the checkout page', () => {
  it('pays with the card that the customer chooses', async () => {
    const customer = await shop.visit();
    await payWith(customer, VISA);
    expect(await outcomeOf(customer)).toMatchObject(paidOnce);
  });

  it('takes another card for the same payment after a decline', async () => {
    const customer = await shop.visit();
    await mayPay(customer);
    await payWith(customer, DECLINED);
    await isTold(customer, /was declined/);
    const [open] = await paymentsOf(customer.basket);
    await payWith(customer, VISA);
    expect(await outcomeOf(customer)).toMatchObject(paidOnce);
    expect(await paymentsOf(customer.basket)).toMatchObject([{ id: open?.id }]);
  });

  it('pays after a challenge that was passed, and forgets the secret in the way back', async () => {
    const customer = await shop.visit();
    await payWith(customer, CHALLENGED);
    const back = await answerChallenge(customer, /Complete/);
    expect(back.searchParams.get('payment_intent_client_secret')).toMatch(/_secret_/);
    expect(await outcomeOf(customer)).toMatchObject(paidOnce);
    expect(customer.page.url()).toBe(`${shop.url}/return`);
  });

  it('takes another card after a challenge that was failed', async () => {
    const customer = await shop.visit();
    await payWith(customer, CHALLENGED);
    await answerChallenge(customer, /Fail/);
    await isTold(customer, /could not confirm that it was you/);
    expect(await paymentsOf(customer.basket)).toMatchObject([{ status: 'requires_action' }]);
    await payWith(customer, VISA);
    expect(await outcomeOf(customer)).toMatchObject(paidOnce);
  });

  it('believes no way back that says of itself that it is paid', async () => {
    const customer = await shop.visit();
    await mayPay(customer);
    await customer.page.goto(`${shop.url}/return?redirect_status=succeeded&payment_intent=pi_1`);
    await mayPay(customer);
    expect(await customer.page.getByRole('status').textContent()).toBe('');
    expect(await paymentsOf(customer.basket)).toMatchObject([{ status: 'requires_action' }]);
  });

  it('has one payment through reloads, a second tab and a challenge left alone', async () => {
    const customer = await shop.visit();
    await mayPay(customer);
    await customer.page.reload();
    await payWith(customer, CHALLENGED);
    await customer.page.waitForURL(/\/challenges\//);
    const tab = await customer.page.context().newPage();
    await tab.goto(shop.url);
    await payWith({ ...customer, page: tab }, VISA);
    expect(await outcomeOf({ ...customer, page: tab })).toMatchObject(paidOnce);
    await customer.page.goto(shop.url);
    expect(await outcomeOf(customer)).toMatchObject(paidOnce);
  });

  it('lets the order be paid by another payment once the first has ended unpaid', async () => {
    const customer = await shop.visit();
    await mayPay(customer);
    const [first] = await paymentsOf(customer.basket);
    await cancel(first!.id);
    await customer.page.reload();
    await payWith(customer, VISA);
    await isTold(customer, /Paid/);
    expect(await paymentsOf(customer.basket)).toMatchObject([
      { status: 'succeeded', amount_captured: 1250 },
      { id: first?.id, status: 'canceled', amount_captured: 0 },
    ]);
  });

  it('makes another payment for another order only', async () => {
    const customer = await shop.visit();
    await payWith(customer, VISA);
    await isTold(customer, /Paid/);
    await customer.page.getByRole('button', { name: 'New order' }).click();
    await mayPay(customer);
    expect(await paymentsOf(customer.basket)).toHaveLength(1);
    const cookies = await customer.page.context().cookies();
    const next = cookies.find(({ name }) => name === 'basket')?.value ?? '';
    expect(await paymentsOf(next)).toMatchObject([{ status: 'requires_action' }]);
  });
});

describe('the server of the shop', () => {
  it('keeps its API key to itself, and secrets out of its log', async () => {
    const said: string[] = [];
    const customer = await shop.visit(async (page) => {
      page.on('response', (response) => {
        void response.text().then(
          (text) => said.push(text),
          () => {},
        );
      });
    });
    await payWith(customer, CHALLENGED);
    await answerChallenge(customer, /Complete/);
    await isTold(customer, /Paid/);
    expect(said.join()).toContain('_secret_');
    expect(said.join()).not.toContain(fromStack('API_KEY'));
    expect(shop.log()).not.toMatch(/_secret_|psk_/);
  });

  it('shows a payment to the basket that it belongs to, and to nobody else', async () => {
    const [owner, other] = await Promise.all([shop.visit(), shop.visit()]);
    await mayPay(owner);
    const [payment] = await paymentsOf(owner.basket);
    const ask = async (cookie: string) => {
      const url = `${shop.url}/status/${payment?.id}`;
      return (await fetch(url, { headers: { cookie } })).status;
    };
    expect(await ask(`basket=${owner.basket}`)).toBe(200);
    expect(await ask(`basket=${other.basket}`)).toBe(404);
    expect(await ask('')).toBe(404);
  });

  it('begins no payment for another site', async () => {
    const { basket } = await shop.visit();
    const headers = { cookie: `basket=${basket}`, 'sec-fetch-site': 'cross-site' };
    const refused = await fetch(`${shop.url}/pay`, { method: 'POST', headers });
    expect(refused.status).toBe(403);
  });
});
