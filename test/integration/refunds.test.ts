import { updates } from '../../contracts/workflow-names';
import { tellRefund } from '../../activities/tell-refund';
import { createRefundLeftovers } from '../../application/deliver-refund';
import { eventually } from '../support/eventually';
import { createSagaRig, testBudgets } from './saga-rig.fixture';
import type { AcceptOptions, SagaRig } from './saga-rig.fixture';

jest.setTimeout(60_000);

let rig: SagaRig;

beforeAll(async () => {
  rig = await createSagaRig({
    budgets: {
      ...testBudgets,
      undo: { attempts: 3, timeoutMs: 8_000, totalMs: 20_000 },
      waits: { actionMs: 60_000, pollMs: 60_000, holdNoticeMs: 60_000, holdMarginMs: 30_000 },
    },
  });
});

afterAll(() => rig.close());

async function paid(options: AcceptOptions = {}): Promise<string> {
  const paymentId = await rig.pay(options);
  expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
  return paymentId;
}

interface Row {
  readonly status: string;
  readonly reason: string;
  readonly failure_code: string | null;
  readonly provider_refund_id: string | null;
}

async function row(refundId: string): Promise<Row> {
  const { rows } = await rig.pool.query<Row>(
    'SELECT status, reason, failure_code, provider_refund_id FROM refunds WHERE id = $1',
    [refundId],
  );
  const [found] = rows;
  if (found === undefined) throw new Error(`${refundId} does not exist`);
  return found;
}

const becomes = (refundId: string, status: string) =>
  eventually(async () => expect(await row(refundId)).toMatchObject({ status }), {
    timeoutMs: 30_000,
  });

const ends = (refundId: string) => rig.refundHandle(refundId).result();

const stepOf = async (refundId: string): Promise<string> => {
  const view = await rig.refundHandle(refundId).query<{ step: string }>('getRefund');
  return view.step;
};

const reachesStep = (refundId: string, step: string) =>
  eventually(async () => expect(await stepOf(refundId)).toBe(step), { timeoutMs: 30_000 });

async function events(paymentId: string): Promise<string[]> {
  const { rows } = await rig.pool.query<{ type: string }>(
    `SELECT type FROM outbox_events WHERE aggregate_id = $1 AND type LIKE 'refund%' ORDER BY seq`,
    [paymentId],
  );
  return rows.map(({ type }) => type);
}

async function balance(paymentId: string): Promise<number> {
  const { rows } = await rig.pool.query<{ sum: number }>(
    `SELECT coalesce(sum(amount_minor), 0)::int AS sum FROM ledger_entries
     WHERE payment_id = $1 AND account = 'provider_balance'`,
    [paymentId],
  );
  return rows[0]?.sum ?? 0;
}

const fault = (refundId: string, kind: string, times: number | null, more: object = {}) =>
  rig.fault({
    match: { route: 'refunds.create', idempotencyKey: refundId },
    times,
    action: { kind, ...more },
  });

async function intentOf(paymentId: string): Promise<string> {
  return (await rig.read(paymentId)).provider_intent_id ?? '';
}

describe('a refund', () => {
  test('gives all back, in the books as at the provider, and tells it once', async () => {
    const paymentId = await paid();
    const refundId = await rig.refund(paymentId);
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', refunded: 1_250 });
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 1_250, refunds: 1 }]);
    expect(await balance(paymentId)).toBe(0);
    expect(await events(paymentId)).toEqual(['refund.succeeded.v1']);
  });

  test('one of several at once takes its part, and all of them are made', async () => {
    const paymentId = await paid();
    const refundIds = await Promise.all(
      Array.from({ length: 5 }, () => rig.refund(paymentId, 250)),
    );
    await Promise.all(refundIds.map(ends));
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 1_250 });
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 1_250, refunds: 5 }]);
    expect(await balance(paymentId)).toBe(0);
  });

  test('that is pending waits, and is done only when the provider says so', async () => {
    const paymentId = await paid({ paymentMethod: 'pm_card_pendingRefund' });
    const refundId = await rig.refund(paymentId, 500);
    await reachesStep(refundId, 'waiting');
    expect(await row(refundId)).toMatchObject({
      status: 'pending',
      provider_refund_id: expect.stringMatching(/^re_/),
    });
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 0 });
    await rig.control('POST', 'clock', { advanceMs: 2_000 });
    await rig.refundHandle(refundId).signal('providerNews');
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 500 });
  });

  test('that fails after it had succeeded is taken back, in the books too, and tells that', async () => {
    const paymentId = await paid({ paymentMethod: 'pm_card_refundFail' });
    const refundId = await rig.refund(paymentId);
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    await rig.control('POST', 'clock', { advanceMs: 2_000 });
    const { provider_refund_id: id } = await row(refundId);
    const failed = await rig.deps.provider.retrieveRefund(id ?? '');
    await tellRefund(rig.deps, failed);
    await tellRefund(rig.deps, failed);
    expect(await row(refundId)).toMatchObject({
      status: 'failed',
      failure_code: 'expired_or_canceled_card',
    });
    expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', refunded: 0 });
    expect(await balance(paymentId)).toBe(1_250);
    expect(await events(paymentId)).toEqual(['refund.succeeded.v1', 'refund.reversed.v1']);
  });

  test('whose answer is lost again and again is made once', async () => {
    const paymentId = await paid();
    const refundId = await rig.storeRefund(paymentId, 500);
    await fault(refundId, 'apply_then_reset', 3);
    await rig.refundDelivery.refundStarter.start(await pendingStart(refundId));
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 500, refunds: 1 }]);
  });

  test('that the provider refuses for good fails with its code, and frees its part', async () => {
    const paymentId = await paid();
    const refundId = await rig.storeRefund(paymentId, 1_250);
    const intentId = await intentOf(paymentId);
    const byHand = await rig.deps.provider.createRefund({
      idempotencyKey: `by-hand-${refundId}`,
      params: {
        refundId: 'none',
        paymentId,
        intentId,
        amountMinor: 1_250,
        currency: 'EUR',
        reason: null,
      },
    });
    await rig.refundDelivery.refundStarter.start(await pendingStart(refundId));
    expect(await ends(refundId)).toEqual({ status: 'failed' });
    expect(await row(refundId)).toMatchObject({ failure_code: 'charge_already_refunded' });
    await tellRefund(rig.deps, byHand);
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 1_250 });
    expect(await events(paymentId)).toEqual(['refund.failed.v1', 'refund.succeeded.v1']);
  });

  test('without the retry logic is sent once, and then found out', async () => {
    const paymentId = await paid({ flags: { retryLogic: false } });
    const refundId = await rig.storeRefund(paymentId, 500);
    await fault(refundId, 'apply_then_reset', 1);
    await rig.refundDelivery.refundStarter.start(await pendingStart(refundId));
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 500, refunds: 1 }]);
  });

  test('without the outbox leaves no event of its payment unpublished', async () => {
    const paymentId = await paid({ flags: { outboxPattern: false } });
    const refundId = await rig.refund(paymentId, 500);
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    expect(await rig.deps.store.unpublishedEvents(paymentId)).toEqual([]);
  });
});

describe('a key that the provider has forgotten', () => {
  async function storedAndForgotten(sent: boolean) {
    const paymentId = await paid();
    const refundId = await rig.storeRefund(paymentId, 500);
    const request = await rig.deps.store.addRequest({
      paymentId,
      operation: `refund:${refundId}`,
      attemptNumber: 1,
      params: {
        ...{ refundId, paymentId, intentId: await intentOf(paymentId), amountMinor: 500 },
        ...{ currency: 'EUR', reason: null },
      },
    });
    if (sent) await rig.deps.provider.createRefund(request);
    await rig.pool.query(
      `UPDATE provider_requests SET first_used_at = now() - interval '25 hours'
       WHERE idempotency_key = $1`,
      [request.idempotencyKey],
    );
    await rig.control('POST', 'idempotency_keys', { key: request.idempotencyKey });
    await rig.refundDelivery.refundStarter.start(await pendingStart(refundId));
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    return { paymentId, refundId };
  }

  test('is not replaced when the list shows its refund', async () => {
    const { paymentId, refundId } = await storedAndForgotten(true);
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 500, refunds: 1 }]);
    const latest = await rig.deps.store.latestRequest({
      paymentId,
      operation: `refund:${refundId}`,
    });
    expect(latest).toMatchObject({ attemptNumber: 1 });
  });

  test('is replaced by the next number when the list shows that it made none', async () => {
    const { paymentId, refundId } = await storedAndForgotten(false);
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 500, refunds: 1 }]);
    const latest = await rig.deps.store.latestRequest({
      paymentId,
      operation: `refund:${refundId}`,
    });
    expect(latest).toMatchObject({ attemptNumber: 2 });
  });
});

describe('a refund of which nobody knows', () => {
  async function parked(kind: 'apply_then_reset' | 'reset_before') {
    const paymentId = await paid();
    const refundId = await rig.storeRefund(paymentId, 500);
    await fault(refundId, kind, null);
    await rig.refundDelivery.refundStarter.start(await pendingStart(refundId));
    await reachesStep(refundId, 'parked');
    expect(await row(refundId)).toMatchObject({ status: 'pending' });
    return { paymentId, refundId };
  }

  afterEach(() => rig.clearFaults());

  const settle = (refundId: string, providerRef: string) =>
    rig.refundHandle(refundId).executeUpdate(updates.resolveManually, {
      args: [{ reason: 'looked at the dashboard', providerRef }],
    });

  test('is found out when an operator asks again', async () => {
    const { paymentId, refundId } = await parked('apply_then_reset');
    await rig.clearFaults();
    const answer = await rig.refundHandle(refundId).executeUpdate(updates.retryCompensation);
    expect(answer).toEqual({ status: 'succeeded' });
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 500, refunds: 1 }]);
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 500 });
  });

  test('is what the provider shows, when an operator settles it', async () => {
    const { paymentId, refundId } = await parked('apply_then_reset');
    expect(await settle(refundId, 'none')).toEqual({ status: 'succeeded' });
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 500 });
  });

  test('is canceled by an operator where the provider has none, and gives its part back', async () => {
    const { paymentId, refundId } = await parked('reset_before');
    expect(await settle(refundId, 'none')).toEqual({ status: 'canceled' });
    expect(await ends(refundId)).toEqual({ status: 'canceled' });
    expect(await row(refundId)).toMatchObject({ failure_code: 'resolved_manually' });
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 0 });
    expect(await events(paymentId)).toEqual(['refund.canceled.v1']);
  });

  test('ends without an operator when a webhook tells of it', async () => {
    const { paymentId, refundId } = await parked('apply_then_reset');
    const [made] = await rig.deps.provider.listRefunds(await intentOf(paymentId));
    if (made === undefined) throw new Error('it was applied');
    await tellRefund(rig.deps, made);
    await rig.refundHandle(refundId).signal('providerNews');
    expect(await ends(refundId)).toEqual({ status: 'succeeded' });
    expect(await rig.read(paymentId)).toMatchObject({ refunded: 500 });
  });
});

test('refunds whose command was lost are started by the sweeper, also behind long-pending ones', async () => {
  const paymentId = await paid();
  const ids = await Promise.all(Array.from({ length: 5 }, () => rig.storeRefund(paymentId, 100)));
  const leftovers = createRefundLeftovers(rig.refundDelivery);
  expect(await leftovers.deliver({ ageMs: 3_600_000, limit: 2 })).toBe(0);
  await leftovers.deliver({ ageMs: 0, limit: 2 });
  await Promise.all(ids.map((id) => becomes(id, 'succeeded')));
  await leftovers.deliver({ ageMs: 0, limit: 2 });
  expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 500, refunds: 5 }]);
});

async function pendingStart(refundId: string) {
  const start = await rig.refundDelivery.pendingRefunds.find(refundId);
  if (start === null) throw new Error(`${refundId} is not pending`);
  return start;
}
