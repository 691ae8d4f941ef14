import type StripeSdk from 'stripe';
import { idOf, pay, refusal, useAccount } from './account.fixture';

const account = useAccount();

interface Page {
  data: { id: string; created: number }[];
  has_more: boolean;
}
const ids = (page: Page) => page.data.map(({ id }) => id);

describe('a list', () => {
  let intent: StripeSdk.PaymentIntent;
  /** Newest first. */
  const refunds: string[] = [];
  beforeAll(async () => {
    intent = await pay(account.stripe, 'pm_card_visa');
    for (let part = 0; part < 5; part += 1) {
      const made = await account.stripe.refunds.create({ payment_intent: intent.id, amount: 10 });
      refunds.unshift(made.id);
    }
  });
  const list = (params: StripeSdk.RefundListParams = {}) =>
    account.stripe.refunds.list({ payment_intent: intent.id, ...params });

  it('shows the newest first, and says whether there is more', async () => {
    const first = await list({ limit: 2 });
    expect([ids(first), first.has_more]).toEqual([refunds.slice(0, 2), true]);
    const all = await list({ limit: 100 });
    expect([ids(all), all.has_more]).toEqual([refunds, false]);
    expect(ids(await account.stripe.refunds.list({ charge: idOf(intent.latest_charge) }))).toEqual(
      refunds,
    );
  });

  it('goes on to the older after one, and back to the newer before one', async () => {
    const older = await list({ limit: 2, starting_after: refunds[1]! });
    expect([ids(older), older.has_more]).toEqual([refunds.slice(2, 4), true]);
    const newer = await list({ limit: 2, ending_before: refunds[3]! });
    expect([ids(newer), newer.has_more]).toEqual([refunds.slice(1, 3), true]);
    const last = await list({ limit: 2, ending_before: refunds[1]! });
    expect([ids(last), last.has_more]).toEqual([refunds.slice(0, 1), false]);
  });

  it('the library walks through all of it once', async () => {
    const seen: string[] = [];
    for await (const refund of list({ limit: 2 })) seen.push(refund.id);
    expect(seen).toEqual(refunds);
  });

  it('keeps to a time: at, from, after, until and before', async () => {
    const newest = (await list({ limit: 1 })).data[0]!.created;
    const oldest = (await list({ limit: 100 })).data.at(-1)!.created;
    expect(ids(await list({ created: { gte: oldest, lte: newest } }))).toEqual(refunds);
    expect(ids(await list({ created: { gt: newest } }))).toEqual([]);
    expect(ids(await list({ created: { lt: oldest } }))).toEqual([]);
    const exact = await list({ created: newest });
    expect(exact.data.every(({ created }) => created === newest)).toBe(true);
    expect(exact.data.length).toBeGreaterThan(0);
  });

  it('refuses a limit beyond 100 and a cursor that names nothing', async () => {
    expect((await refusal(list({ limit: 101 }))).statusCode).toBe(400);
    expect((await refusal(list({ limit: 0 }))).statusCode).toBe(400);
    expect((await refusal(list({ starting_after: 're_missing' }))).statusCode).toBe(400);
  });

  it('expands what is in it', async () => {
    const page = await list({ limit: 1, expand: ['data.charge'] });
    expect(page.data[0]?.charge).toMatchObject({ id: intent.latest_charge });
  });

  it('of intents and of charges keeps to a customer, an intent and a time', async () => {
    const { stripe } = account;
    const customer = await stripe.customers.create({ email: 'lists@example.com' });
    const first = await pay(stripe, 'pm_card_visa', { customer: customer.id });
    const second = await pay(stripe, 'pm_card_visa', { customer: customer.id });
    const of = { customer: customer.id };
    expect(ids(await stripe.paymentIntents.list(of))).toEqual([second.id, first.id]);
    const future = { gt: second.created + 60 };
    expect(ids(await stripe.paymentIntents.list({ ...of, created: future }))).toEqual([]);
    const since = { gte: first.created };
    const page = await stripe.paymentIntents.list({ ...of, created: since, limit: 1 });
    expect([ids(page), page.has_more]).toEqual([[second.id], true]);
    expect(ids(await stripe.charges.list(of))).toEqual([second.latest_charge, first.latest_charge]);
    expect(ids(await stripe.charges.list({ payment_intent: first.id }))).toEqual([
      first.latest_charge,
    ]);
  });

  it('of customers keeps to an address', async () => {
    const { stripe } = account;
    const email = `list-${Date.now()}@example.com`;
    const made = await stripe.customers.create({ email, name: 'List', metadata: { shop: '1' } });
    const read = await stripe.customers.retrieve(made.id);
    expect(read).toMatchObject({ email, name: 'List', metadata: { shop: '1' } });
    expect(ids(await stripe.customers.list({ email }))).toEqual([made.id]);
  });
});
