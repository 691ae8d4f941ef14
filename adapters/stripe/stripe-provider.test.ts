import {
  ProviderError,
  type CreateIntentParams,
  type IntentSnapshot,
} from '../../application/ports/payment-provider';
import { controlOf } from '../../sandbox/sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from '../../sandbox/server';
import { createStripeProvider } from './stripe-provider';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
afterEach(() => controlOf(sandbox.url).clear());

const connect = (change: Partial<Parameters<typeof createStripeProvider>[0]> = {}) =>
  createStripeProvider({ apiKey: 'sk_test_x', apiUrl: sandbox.url, timeoutMs: 5_000, ...change });
const provider = () => connect();

let payments = 0;
const newPayment = (change: Partial<CreateIntentParams> = {}) => {
  payments += 1;
  const paymentId = `pay_${payments}`;
  const params: CreateIntentParams = {
    paymentId,
    amountMinor: 2000,
    currency: 'EUR',
    captureMethod: 'automatic',
    description: null,
    customer: null,
    setupFutureUsage: null,
    metadata: { order: '7' },
    ...change,
  };
  return { idempotencyKey: `${paymentId}:create:1`, params };
};
const confirmation = (intent: IntentSnapshot, paymentMethod = 'pm_card_visa') => ({
  idempotencyKey: `${intent.paymentId}:confirm:1`,
  intentId: intent.id,
  params: { paymentMethod, returnUrl: null, offSession: false },
});
const paid = async (change: Partial<CreateIntentParams> = {}) => {
  const intent = await provider().createIntent(newPayment(change));
  return (await provider().confirmIntent(confirmation(intent))).intent;
};
const refundOf = (intent: IntentSnapshot, amountMinor: number, refundId = 're_1') => ({
  idempotencyKey: `${intent.paymentId}:refund:${refundId}`,
  params: {
    refundId,
    paymentId: intent.paymentId ?? '',
    intentId: intent.id,
    amountMinor,
    currency: intent.currency,
    reason: null,
  },
});
const failure = async (call: Promise<unknown>): Promise<ProviderError> => {
  const error: unknown = await call.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderError) return error;
  throw error;
};
const ledgerOf = async (intent: IntentSnapshot) =>
  (await controlOf(sandbox.url).ledger(`payment_intent=${intent.id}`))[0];
const status = (code: number, change: object = {}) => ({
  action: { kind: 'status', status: code, ...change },
});

describe('the Stripe adapter', () => {
  it('an intent is created unconfirmed, then charged, with figures and ids read back', async () => {
    const created = await provider().createIntent(newPayment());
    expect(created).toMatchObject({ status: 'requires_payment_method', chargeId: null });
    const answer = await provider().confirmIntent(confirmation(created));
    expect(answer).toMatchObject({
      kind: 'accepted',
      intent: {
        status: 'succeeded',
        amountMinor: 2000,
        currency: 'EUR',
        capturedMinor: 2000,
        refundedMinor: 0,
        capturableMinor: 0,
        lastError: null,
        paymentId: created.paymentId,
        replayed: false,
      },
    });
    expect(answer.intent.chargeId).toMatch(/^ch_/);
    expect(answer.intent.requestId).toMatch(/^req_/);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });

  it("our metadata is written last, so no merchant's pair can take its place", async () => {
    const metadata = { paysaga_payment_id: 'pay_of_another', order: '7' };
    const created = await provider().createIntent(newPayment({ metadata, paymentId: 'pay_mine' }));
    expect(created.paymentId).toBe('pay_mine');
    expect((await ledgerOf(created))?.metadata['order']).toBe('7');
  });

  it('a decline is an answer with the intent, not an exception', async () => {
    const created = await provider().createIntent(newPayment());
    const card = 'pm_card_visa_chargeDeclinedInsufficientFunds';
    const answer = await provider().confirmIntent(confirmation(created, card));
    const decline = { code: 'card_declined', declineCode: 'insufficient_funds' };
    expect(answer).toMatchObject({
      kind: 'declined',
      decline,
      intent: { id: created.id, status: 'requires_payment_method', lastError: decline },
    });
  });

  it('a hold carries the time it lapses, and a part of it can be captured', async () => {
    const held = await paid({ captureMethod: 'manual' });
    expect(held).toMatchObject({ status: 'requires_capture', capturableMinor: 2000 });
    const days = (Date.parse(held.captureBefore ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 1);
    const captured = await provider().captureIntent({
      idempotencyKey: `${held.paymentId}:capture:1`,
      intentId: held.id,
      params: { amountMinor: 1500, currency: 'EUR' },
    });
    expect(captured).toMatchObject({ status: 'succeeded', capturedMinor: 1500, refundedMinor: 0 });
    await provider().createRefund(refundOf(captured, 500));
    expect(await provider().retrieveIntent(held.id)).toMatchObject({ refundedMinor: 500 });
  });

  it('refunds are found again by our refund id', async () => {
    const intent = await paid();
    const made = await provider().createRefund(refundOf(intent, 300, 're_a'));
    await provider().createRefund(refundOf(intent, 200, 're_b'));
    expect(made).toMatchObject({ status: 'succeeded', amountMinor: 300, intentId: intent.id });
    const listed = await provider().listRefunds(intent.id);
    expect(listed.map((refund) => refund.refundId)).toEqual(['re_b', 're_a']);
    expect(await provider().retrieveRefund(made.id)).toMatchObject({ refundId: 're_a' });
  });

  it.each([
    ['ISK', 1250, 125_000],
    ['JPY', 1250, 1250],
    ['KWD', 1250, 1250],
  ])(
    '%s %i reaches the provider as %i and comes back as it went',
    async (currency, minor, sent) => {
      const intent = await paid({ currency, amountMinor: minor });
      expect(intent).toMatchObject({ currency, amountMinor: minor, capturedMinor: minor });
      expect((await ledgerOf(intent))?.captured).toBe(sent);
      await provider().createRefund(refundOf(intent, 10));
      expect((await provider().retrieveIntent(intent.id)).refundedMinor).toBe(10);
    },
  );

  it('a repeated key answers as a replay and moves no more money', async () => {
    const created = await provider().createIntent(newPayment());
    await provider().confirmIntent(confirmation(created));
    const again = await provider().confirmIntent(confirmation(created));
    expect(again.intent).toMatchObject({ id: created.id, replayed: true });
    expect(await ledgerOf(created)).toMatchObject({ charges: 1, captured: 2000 });
  });

  it('a live read is never a replay', async () => {
    const intent = await paid();
    await provider().createRefund(refundOf(intent, 2000));
    const read = await provider().retrieveIntent(intent.id);
    expect(read).toMatchObject({ replayed: false, refundedMinor: 2000 });
  });
});

describe('failures of the Stripe adapter, each its declared kind', () => {
  // The long timeout leaves a hidden second attempt all the time it needs to show itself.
  it.each([
    ['reset_before', 5_000, 0],
    ['apply_then_reset', 5_000, 1],
    ['apply_then_hang', 500, 1],
  ])(
    '%s is an unknown outcome after one attempt, and the key resolves it',
    async (kind, timeoutMs, charges) => {
      const control = controlOf(sandbox.url);
      const created = await provider().createIntent(newPayment());
      await control.arm({ match: { route: 'payment_intents.confirm' }, action: { kind } });
      const once = connect({ timeoutMs });
      const lost = await failure(once.confirmIntent(confirmation(created)));
      expect(lost).toMatchObject({ kind: 'unknown_outcome', httpStatus: null });
      const query = `payment_intent=${created.id}&route=payment_intents.confirm`;
      expect(await control.requests(query)).toHaveLength(1);
      expect((await ledgerOf(created))?.charges).toBe(charges);
      await once.confirmIntent(confirmation(created));
      expect(await ledgerOf(created)).toMatchObject({ charges: 1, captured: 2000 });
    },
  );

  it.each(['html', 'truncated'])('a %s body is an unknown outcome', async (body) => {
    const created = await provider().createIntent(newPayment());
    await controlOf(sandbox.url).arm({ action: { kind: 'malformed_body', body } });
    const lost = await failure(provider().confirmIntent(confirmation(created)));
    expect(lost.kind).toBe('unknown_outcome');
    expect(await ledgerOf(created)).toMatchObject({ charges: 1 });
  });

  it.each([500, 502, 503, 504])('a fresh %i is an unknown outcome', async (code) => {
    await controlOf(sandbox.url).arm(status(code));
    const lost = await failure(provider().createIntent(newPayment()));
    expect(lost).toMatchObject({ kind: 'unknown_outcome', httpStatus: code });
  });

  it('a 500 that Stripe stored is told apart when it is replayed', async () => {
    await controlOf(sandbox.url).arm(status(500, { stored: true, applied: true }));
    const payment = newPayment();
    expect((await failure(provider().createIntent(payment))).kind).toBe('unknown_outcome');
    expect((await failure(provider().createIntent(payment))).kind).toBe('replayed_failure');
  });

  it.each([
    [400, 'payment_intent_unexpected_state', 'unexpected_state'],
    [400, 'balance_insufficient', 'invalid_request'],
    [400, 'charge_already_refunded', 'already_refunded'],
  ])('a stored %i %s is a refusal once, and a spent key when it is replayed', async (...given) => {
    const [code, reason, fresh] = given;
    await controlOf(sandbox.url).arm(status(code, { stored: true, code: reason }));
    const payment = newPayment();
    expect((await failure(provider().createIntent(payment))).kind).toBe(fresh);
    expect((await failure(provider().createIntent(payment))).kind).toBe('replayed_failure');
  });

  it.each([
    ['rate_limit', 2, 2000],
    ['lock_timeout', undefined, null],
  ])('a 429 %s is a rate limit', async (code, retryAfterSeconds, retryAfterMs) => {
    await controlOf(sandbox.url).arm(status(429, { code, retryAfterSeconds }));
    const limited = await failure(provider().createIntent(newPayment()));
    expect(limited).toMatchObject({ kind: 'rate_limited', code, retryAfterMs, httpStatus: 429 });
  });

  it('a key in flight is told apart from a key in conflict', async () => {
    const control = controlOf(sandbox.url);
    const payment = newPayment();
    await control.arm({ action: { kind: 'delay', delayMs: 1_000 } });
    const slow = provider().createIntent(payment);
    while ((await control.faults()).data[0]?.struck !== 1) await new Promise(setImmediate);
    const second = await failure(provider().createIntent(payment));
    expect(second).toMatchObject({ kind: 'in_flight', code: 'idempotency_key_in_use' });
    await slow;
    const other = { ...payment, params: { ...payment.params, amountMinor: 2001 } };
    expect((await failure(provider().createIntent(other))).kind).toBe('key_conflict');
  });

  it('an act that the state forbids brings the intent along', async () => {
    const intent = await paid();
    const cancel = provider().cancelIntent({
      idempotencyKey: `${intent.paymentId}:cancel:1`,
      intentId: intent.id,
      params: { reason: null },
    });
    const refused = await failure(cancel);
    expect(refused.kind).toBe('unexpected_state');
    expect(refused.intent).toMatchObject({ id: intent.id, status: 'succeeded' });
    expect(refused.intent?.refundedMinor).toBeNull();
  });

  it('a refund of what is refunded already says so', async () => {
    const intent = await paid();
    await provider().createRefund(refundOf(intent, 2000, 're_a'));
    const second = await failure(provider().createRefund(refundOf(intent, 2000, 're_b')));
    expect(second).toMatchObject({ kind: 'already_refunded', code: 'charge_already_refunded' });
  });

  it('an unknown intent is not found, and a bad key is unauthorized', async () => {
    expect((await failure(provider().retrieveIntent('pi_none'))).kind).toBe('not_found');
    const stranger = connect({ apiKey: 'sk_test_not/a/key' });
    expect((await failure(stranger.retrieveIntent('pi_none'))).kind).toBe('unauthorized');
  });

  it('what no repetition can mend is final', async () => {
    const small = await failure(provider().createIntent(newPayment({ amountMinor: 1 })));
    expect(small).toMatchObject({ kind: 'invalid_request', code: 'amount_too_small' });
    const fils = newPayment({ currency: 'KWD', amountMinor: 1234 });
    const inexact = await failure(provider().createIntent(fils));
    expect(inexact).toMatchObject({ kind: 'invalid_request', code: 'amount_not_representable' });
  });

  it('nobody listening is an unknown outcome', async () => {
    const gone = await startSandbox();
    await gone.close();
    const lost = await failure(connect({ apiUrl: gone.url }).retrieveIntent('pi_1'));
    expect(lost).toMatchObject({ kind: 'unknown_outcome', code: 'connection_lost' });
  });

  it('no message carries what was sent', async () => {
    const intent = await provider().createIntent(newPayment());
    const refused = await failure(
      provider().confirmIntent(confirmation(intent, '4242424242424242')),
    );
    expect(refused.kind).toBe('invalid_request');
    expect(`${refused.message} ${refused.stack}`).not.toContain('4242424242424242');
  });

  it('a timeout that Stripe could outlast is refused at once', () => {
    expect(() => connect({ timeoutMs: 80_000 })).toThrow(RangeError);
    expect(() => connect({ timeoutMs: 0 })).toThrow(RangeError);
  });

  it('disputes of an intent are listed, open and closed', async () => {
    const intent = await paid();
    expect(await provider().listDisputes(intent.id)).toEqual([]);
    const control = controlOf(sandbox.url);
    const { id } = await control.dispute(intent.chargeId ?? '', { reason: 'duplicate' });
    const dispute = { id, amountMinor: 2000, currency: 'EUR', intentId: intent.id };
    expect(await provider().listDisputes(intent.id)).toEqual([
      expect.objectContaining({ ...dispute, status: 'needs_response', reason: 'duplicate' }),
    ]);
    await control.closeDispute(id, 'won');
    expect(await provider().listDisputes(intent.id)).toMatchObject([{ id, status: 'won' }]);
  });

  it('events are listed by type and time, newest first, page by page', async () => {
    const intent = await paid();
    const all = { types: ['payment_intent.succeeded'], before: null, startingAfter: null };
    const { events, next } = await provider().listEvents({ ...all, from: anHourAgo() });
    expect(next).toBeNull();
    expect(events[0]).toMatchObject({
      type: 'payment_intent.succeeded',
      objectId: intent.id,
      objectStatus: 'succeeded',
      paymentId: intent.paymentId,
    });
    const older = { ...all, from: anHourAgo(), startingAfter: events[0]?.id ?? '' };
    const rest = await provider().listEvents(older);
    expect(rest.events.map(({ id }) => id)).toEqual(events.slice(1).map(({ id }) => id));
    const before = await provider().listEvents({ ...all, from: anHourAgo(), before: anHourAgo() });
    expect(before.events).toEqual([]);
  });
});

function anHourAgo(): string {
  return new Date(Date.now() - 3_600_000).toISOString();
}
