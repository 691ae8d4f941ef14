import { randomUUID } from 'node:crypto';
import { order, refusal, useAccount, whereControlled } from './account.fixture';

const account = useAccount();
const create = (idempotencyKey: string, change: object = {}) =>
  account.stripe.paymentIntents.create({ ...order, ...change }, { idempotencyKey });
const replayed = (headers: Record<string, string> | undefined) =>
  headers?.['idempotent-replayed'] ?? null;

describe('an idempotency key', () => {
  it('makes one intent, and says that it replays', async () => {
    const key = randomUUID();
    const first = await create(key);
    const second = await create(key);
    expect(second.id).toBe(first.id);
    expect(replayed(first.lastResponse.headers)).toBeNull();
    expect(replayed(second.lastResponse.headers)).toBe('true');
  });

  it('replays the first answer, whatever became of the object', async () => {
    const key = randomUUID();
    const first = await create(key);
    await account.stripe.paymentIntents.confirm(first.id, { payment_method: 'pm_card_visa' });
    expect((await create(key)).status).toBe('requires_payment_method');
  });

  it('replays a decline, which is charged once', async () => {
    const { id } = await create(randomUUID());
    const options = { idempotencyKey: randomUUID() };
    const card = { payment_method: 'pm_card_chargeDeclined' };
    const confirm = () => account.stripe.paymentIntents.confirm(id, card, options);
    await refusal(confirm());
    const again = await refusal(confirm());
    expect(again.statusCode).toBe(402);
    expect(replayed(again.headers)).toBe('true');
    const charges = await account.stripe.charges.list({ payment_intent: id });
    expect(charges.data).toHaveLength(1);
  });

  it('belongs to its parameters and its endpoint', async () => {
    const key = randomUUID();
    const { id } = await create(key);
    expect(await refusal(create(key, { amount: 2001 }))).toMatchObject({
      statusCode: 400,
      rawType: 'idempotency_error',
    });
    const elsewhere = account.stripe.paymentIntents.cancel(id, {}, { idempotencyKey: key });
    expect((await refusal(elsewhere)).rawType).toBe('idempotency_error');
  });

  it('is not spent by parameters that were refused', async () => {
    const key = randomUUID();
    await refusal(create(key, { amount: 1.5 }));
    expect(replayed((await create(key)).lastResponse.headers)).toBeNull();
  });

  it('lets twenty at once make one intent at most', async () => {
    const key = randomUUID();
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => create(key)));
    const made = calls.flatMap((call) => (call.status === 'fulfilled' ? [call.value.id] : []));
    expect(new Set(made).size).toBe(1);
    const codes = calls.flatMap((call): unknown[] =>
      call.status === 'rejected' ? [(call.reason as { statusCode: number }).statusCode] : [],
    );
    expect(codes.filter((code) => code !== 409 && code !== 429)).toEqual([]);
  });

  it('is refused when it is longer than 255 characters', async () => {
    expect((await refusal(create('k'.repeat(256)))).statusCode).toBe(400);
  });

  whereControlled(() => {
    it('is in use while its request runs', async () => {
      const key = randomUUID();
      await account.control.arm({
        match: { idempotencyKey: key },
        action: { kind: 'delay', delayMs: 500 },
      });
      const slow = create(key);
      while ((await account.control.faults()).data[0]?.struck !== 1)
        await new Promise(setImmediate);
      const early = await refusal(create(key));
      expect(early).toMatchObject({
        statusCode: 409,
        code: 'idempotency_key_in_use',
        headers: { 'stripe-should-retry': 'true' },
      });
      const made = await slow;
      expect((await create(key)).id).toBe(made.id);
    });

    it.each([
      [429, {}, { code: 'rate_limit' }, undefined],
      [429, { code: 'lock_timeout' }, { code: 'lock_timeout' }, 'true'],
      [409, {}, { code: 'idempotency_key_in_use' }, 'true'],
      [402, {}, { code: 'card_declined', rawType: 'card_error' }, undefined],
      [401, {}, { rawType: 'invalid_request_error' }, undefined],
      [500, {}, { rawType: 'api_error' }, undefined],
      [502, {}, { rawType: 'api_error' }, undefined],
      [503, {}, { rawType: 'api_error' }, undefined],
      [504, {}, { rawType: 'api_error' }, undefined],
    ])('is not spent by a %s %j before execution', async (status, more, error, advice) => {
      const key = randomUUID();
      const action = { kind: 'status', status, ...more };
      await account.control.arm({ match: { idempotencyKey: key }, action });
      const failed = await refusal(create(key));
      expect(failed).toMatchObject({ statusCode: status, ...error });
      expect(failed.headers?.['stripe-should-retry']).toBe(advice);
      expect(replayed((await create(key)).lastResponse.headers)).toBeNull();
    });

    it('keeps a 500 that was stored, and is told not to try again', async () => {
      const key = randomUUID();
      const action = { kind: 'status', status: 500, stored: true, applied: true };
      await account.control.arm({ match: { idempotencyKey: key }, action });
      expect((await refusal(create(key))).headers?.['stripe-should-retry']).toBe('false');
      const again = await refusal(create(key));
      expect([again.statusCode, replayed(again.headers)]).toEqual([500, 'true']);
    });

    it('is forgotten a day later', async () => {
      const key = randomUUID();
      const first = await create(key);
      await account.control.advance(25 * 3_600_000);
      expect((await create(key)).id).not.toBe(first.id);
    });
  });
});
