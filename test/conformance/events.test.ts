import type StripeSdk from 'stripe';
import { idOf, pay, refusal, useAccount } from './account.fixture';

const account = useAccount();
const listed = (params: StripeSdk.EventListParams) => account.stripe.events.list(params);
const about = (event: StripeSdk.Event): unknown => Reflect.get(event.data.object, 'id');

/** The types of what was told about these objects since, in the order of happening. */
async function told(since: number, objects: readonly unknown[]): Promise<string[]> {
  const page = await listed({ created: { gte: since }, limit: 100 });
  return page.data
    .filter((event) => objects.includes(about(event)))
    .map((event) => event.type)
    .toReversed();
}

describe('the events', () => {
  it('tell of a hold, its capture and its refund', async () => {
    const { stripe } = account;
    const held = await pay(stripe, 'pm_card_visa', { capture_method: 'manual' });
    await stripe.paymentIntents.capture(held.id);
    const refund = await stripe.refunds.create({ payment_intent: held.id });
    await account.later(async () => {
      const types = await told(held.created, [held.id, held.latest_charge, refund.id]);
      expect(types).toEqual(
        expect.arrayContaining([
          'payment_intent.created',
          'charge.succeeded',
          'payment_intent.amount_capturable_updated',
          'charge.captured',
          'payment_intent.succeeded',
          'refund.created',
          'charge.refunded',
        ]),
      );
    });
  });

  it('tell of a decline, a challenge and a cancel', async () => {
    const { stripe } = account;
    const intent = await stripe.paymentIntents.create({
      amount: 2000,
      currency: 'usd',
      allowed_payment_method_types: ['card'],
    });
    const confirm = (payment_method: string) =>
      stripe.paymentIntents.confirm(intent.id, { payment_method });
    const { charge } = await refusal(confirm('pm_card_chargeDeclined'));
    await confirm('pm_card_authenticationRequired');
    await stripe.paymentIntents.cancel(intent.id);
    await account.later(async () => {
      const types = await told(intent.created, [intent.id, charge]);
      expect(types).toEqual(
        expect.arrayContaining([
          'payment_intent.created',
          'charge.failed',
          'payment_intent.payment_failed',
          'payment_intent.requires_action',
          'payment_intent.canceled',
        ]),
      );
    });
  });

  it('are read alone, and hold the object as it was then', async () => {
    const paid = await pay(account.stripe, 'pm_card_visa');
    const created = await account.later(async () => {
      const page = await listed({ type: 'payment_intent.created', created: { gte: paid.created } });
      const found = page.data.find((event) => about(event) === paid.id);
      expect(found).toBeDefined();
      return found!;
    });
    const read = await account.stripe.events.retrieve(created.id);
    expect(read).toMatchObject({
      id: created.id,
      object: 'event',
      type: 'payment_intent.created',
      data: { object: { id: paid.id, amount_received: 0 } },
      livemode: false,
    });
    expect(idOf(read)).toMatch(/^evt_/);
    expect((await refusal(account.stripe.events.retrieve('evt_missing'))).statusCode).toBe(404);
  });

  it('are caught up from a cursor, oldest missed last, none twice', async () => {
    const { stripe } = account;
    const type = 'payment_intent.succeeded';
    const first = await pay(stripe, 'pm_card_visa');
    const cursor = await account.later(async () => {
      const page = await listed({ type, created: { gte: first.created } });
      const found = page.data.find((event) => about(event) === first.id);
      expect(found).toBeDefined();
      return found!;
    });
    const missed = [await pay(stripe, 'pm_card_visa'), await pay(stripe, 'pm_card_visa')];
    await account.later(async () => {
      const newer = await listed({ type, ending_before: cursor.id, limit: 100 });
      expect(newer.data.map(about)).toEqual(expect.arrayContaining(missed.map(({ id }) => id)));
      expect(newer.data.map(about)).not.toContain(first.id);
      expect(new Set(newer.data.map(({ id }) => id)).size).toBe(newer.data.length);
    });
    const older = await listed({ type, starting_after: cursor.id });
    expect(older.data.map(({ id }) => id)).not.toContain(cursor.id);
  });

  it('are listed by type, by several types, and by a group of them', async () => {
    const paid = await pay(account.stripe, 'pm_card_visa');
    const since = { gte: paid.created };
    await account.later(async () => {
      const types = ['charge.succeeded', 'payment_intent.created'];
      const some = await listed({ types, created: since, limit: 100 });
      expect(new Set(some.data.map((event) => event.type))).toEqual(new Set(types));
    });
    const group = await listed({ type: 'payment_intent.*', created: since, limit: 100 });
    expect(group.data.length).toBeGreaterThan(0);
    expect(group.data.every((event) => event.type.startsWith('payment_intent.'))).toBe(true);
    const both = listed({ type: 'charge.succeeded', types: ['charge.failed'] });
    expect((await refusal(both)).statusCode).toBe(400);
  });
});
