import StripeSdk from 'stripe';
import { controlOf, sdkFor } from './sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from './server';

let sandbox: RunningSandbox;
let stripe: StripeSdk;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sdkFor(sandbox.url);
});
afterEach(() => sandbox.close());

const order = { amount: 2000, currency: 'usd', allowed_payment_method_types: ['card' as const] };
const key = (idempotencyKey: string) => ({ idempotencyKey });
const failure = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof StripeSdk.errors.StripeError) return error;
  throw error;
};
const replayedHeader = (from: { headers?: Record<string, string> } | undefined) =>
  from?.headers?.['idempotent-replayed'];

describe("the sandbox's idempotency", () => {
  it('a repeated key makes one intent and says that it replays', async () => {
    const first = await stripe.paymentIntents.create(order, key('a'));
    const second = await stripe.paymentIntents.create(order, key('a'));
    expect(second.id).toBe(first.id);
    expect(replayedHeader(first.lastResponse)).toBeUndefined();
    expect(replayedHeader(second.lastResponse)).toBe('true');
    expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    expect(await controlOf(sandbox.url).ledger()).toHaveLength(1);
  });

  it('a key in flight is a 409, also while its client has gone', async () => {
    const control = controlOf(sandbox.url);
    await control.arm({ action: { kind: 'delay', delayMs: 60_000 } });
    const slow = stripe.paymentIntents.create(order, { idempotencyKey: 'a', timeout: 500 });
    const lost = failure(slow);
    while ((await control.faults()).data[0]?.struck !== 1) await new Promise(setImmediate);
    const second = await failure(stripe.paymentIntents.create(order, key('a')));
    expect(second).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect(await lost).toBeInstanceOf(StripeSdk.errors.StripeConnectionError);
  });

  it('a stored 500 is replayed until the key expires, whether or not it was applied', async () => {
    const control = controlOf(sandbox.url);
    const action = { kind: 'status', status: 500, stored: true };
    await control.arm({
      match: { idempotencyKey: '^applied$' },
      action: { ...action, applied: true },
    });
    await control.arm({ match: { idempotencyKey: '^lost$' }, action });
    for (const name of ['applied', 'lost']) {
      const fresh = await failure(stripe.paymentIntents.create(order, key(name)));
      const again = await failure(stripe.paymentIntents.create(order, key(name)));
      expect([fresh.statusCode, again.statusCode]).toEqual([500, 500]);
      expect([replayedHeader(fresh), replayedHeader(again)]).toEqual([undefined, 'true']);
    }
    expect(await control.ledger()).toHaveLength(1);
    expect(await control.expireKeys('^lost$')).toEqual({ expired: 1 });
    await stripe.paymentIntents.create(order, key('lost'));
    expect(await control.ledger()).toHaveLength(2);
  });

  it('a 500 before execution leaves no trace', async () => {
    const control = controlOf(sandbox.url);
    await control.arm({ times: 2, action: { kind: 'status', status: 500 } });
    await failure(stripe.paymentIntents.create(order, key('a')));
    await failure(stripe.paymentIntents.create(order, key('a')));
    const third = await stripe.paymentIntents.create(order, key('a'));
    expect(replayedHeader(third.lastResponse)).toBeUndefined();
    expect(await control.ledger()).toHaveLength(1);
  });
});
