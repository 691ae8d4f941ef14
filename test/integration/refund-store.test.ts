import { randomUUID } from 'node:crypto';
import type { RefundSnapshot } from '../../application/ports/payment-provider';
import type { PaymentStatus } from '../../domain/payment-states';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

let rig: SagaRig;

beforeAll(async () => {
  rig = await createSagaRig({ withWorker: false });
});

afterAll(() => rig.close());

interface Paid {
  readonly paymentId: string;
  readonly intentId: string;
}

/** A payment of 12.50 in a status, its figures as its saga would have left them. */
async function payment(
  to: PaymentStatus,
  figures = { captured: 1_250, refunded: 0 },
): Promise<Paid> {
  const paymentId = await rig.accept();
  const intentId = `pi_${randomUUID()}`;
  const { store } = rig.deps;
  const load = async () => {
    const found = await store.load(paymentId);
    if (found === null) throw new Error('it was just stored');
    return found;
  };
  await store.transition({ payment: await load(), to: 'processing' });
  await store.storeIntent({ paymentId, intentId });
  if (to !== 'processing') {
    const { captured: capturedMinor, refunded: refundedMinor } = figures;
    await store.transition({ payment: await load(), to, capturedMinor, refundedMinor });
  }
  return { paymentId, intentId };
}

async function refundRow(
  { paymentId }: Paid,
  row: { readonly amount?: number; readonly status?: string; readonly reason?: string } = {},
): Promise<string> {
  const id = `re_${randomUUID().replaceAll('-', '')}`;
  await rig.pool.query(
    `INSERT INTO refunds (id, payment_id, amount_minor, currency, status, reason)
     VALUES ($1, $2, $3, 'EUR', $4, $5)`,
    [
      id,
      paymentId,
      row.amount ?? 500,
      row.status ?? 'pending',
      row.reason ?? 'requested_by_merchant',
    ],
  );
  return id;
}

function told(
  { intentId }: Paid,
  refund: Partial<RefundSnapshot> & Pick<RefundSnapshot, 'status'>,
): RefundSnapshot {
  return {
    ...{ id: `re_stripe_${randomUUID()}`, amountMinor: 500, currency: 'EUR', intentId },
    ...{ chargeId: null, refundId: null, failureReason: null, replayed: false, requestId: null },
    ...refund,
  };
}

async function events({ paymentId }: Paid): Promise<string[]> {
  const { rows } = await rig.pool.query<{ type: string; aggregate_version: number }>(
    'SELECT type, aggregate_version FROM outbox_events WHERE aggregate_id = $1 ORDER BY seq',
    [paymentId],
  );
  expect(rows.map((row) => row.aggregate_version)).toEqual(rows.map((_row, index) => index + 2));
  return rows.map(({ type }) => type).slice(2);
}

async function balance({ paymentId }: Paid): Promise<number> {
  const { rows } = await rig.pool.query<{ sum: number }>(
    `SELECT coalesce(sum(amount_minor), 0)::int AS sum FROM ledger_entries
     WHERE payment_id = $1 AND account = 'provider_balance'`,
    [paymentId],
  );
  return rows[0]?.sum ?? 0;
}

async function refunds({ paymentId }: Paid) {
  const { rows } = await rig.pool.query<Record<string, unknown>>(
    `SELECT status, reason, amount_minor::int AS amount, failure_code FROM refunds
     WHERE payment_id = $1 ORDER BY created_at`,
    [paymentId],
  );
  return rows;
}

describe('what the provider says about a refund', () => {
  test('moves row, figure, books and version with one event, once however often it is told', async () => {
    const paid = await payment('succeeded');
    const refundId = await refundRow(paid);
    const news = told(paid, { refundId, status: 'succeeded' });
    const changes = await Promise.all(
      Array.from({ length: 8 }, () => rig.deps.refunds.apply(news)),
    );
    expect(changes.filter(({ kind }) => kind === 'applied')).toHaveLength(1);
    expect(await rig.read(paid.paymentId)).toMatchObject({ status: 'succeeded', refunded: 500 });
    expect(await balance(paid)).toBe(750);
    expect(await events(paid)).toEqual(['refund.succeeded.v1']);
  });

  test('of twenty refunds that end at once all are counted', async () => {
    const paid = await payment('succeeded');
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => refundRow(paid, { amount: 50 })),
    );
    await Promise.all(
      ids.map((refundId) =>
        rig.deps.refunds.apply(told(paid, { refundId, status: 'succeeded', amountMinor: 50 })),
      ),
    );
    expect(await rig.read(paid.paymentId)).toMatchObject({ refunded: 1_000, version: 23 });
    expect(await balance(paid)).toBe(250);
  });

  test('in another order comes to the same: late news change nothing', async () => {
    const paid = await payment('succeeded');
    const refundId = await refundRow(paid);
    const succeeded = told(paid, { refundId, status: 'succeeded' });
    const failed = {
      ...succeeded,
      status: 'failed',
      failureReason: 'expired_or_canceled_card',
    } as const;
    await rig.deps.refunds.apply(succeeded);
    await rig.deps.refunds.apply(failed);
    for (const late of [succeeded, { ...succeeded, status: 'pending' } as const, failed]) {
      expect(await rig.deps.refunds.apply(late)).toMatchObject({ kind: 'unchanged' });
    }
    expect(await refunds(paid)).toMatchObject([
      { status: 'failed', failure_code: 'expired_or_canceled_card' },
    ]);
    expect(await rig.read(paid.paymentId)).toMatchObject({ status: 'succeeded', refunded: 0 });
    expect(await balance(paid)).toBe(1_250);
    expect(await events(paid)).toEqual(['refund.succeeded.v1', 'refund.reversed.v1']);
  });

  test('that was made by hand becomes a refund of its own, also when heard of twice at once', async () => {
    const paid = await payment('succeeded');
    const news = told(paid, { status: 'succeeded', amountMinor: 300 });
    await Promise.all([rig.deps.refunds.apply(news), rig.deps.refunds.apply(news)]);
    expect(await refunds(paid)).toMatchObject([
      { status: 'succeeded', reason: 'made_at_provider', amount: 300 },
    ]);
    expect(await rig.read(paid.paymentId)).toMatchObject({ refunded: 300 });
    expect(await events(paid)).toEqual(['refund.succeeded.v1']);
  });

  test('a second refund at the provider under the name of one of ours is counted by itself', async () => {
    const paid = await payment('succeeded');
    const refundId = await refundRow(paid);
    await rig.deps.refunds.apply(told(paid, { refundId, status: 'succeeded' }));
    await rig.deps.refunds.apply(told(paid, { refundId, status: 'succeeded' }));
    expect(await refunds(paid)).toMatchObject([
      { reason: 'requested_by_merchant' },
      { reason: 'made_at_provider' },
    ]);
    expect(await rig.read(paid.paymentId)).toMatchObject({ refunded: 1_000 });
  });

  test('keeps the provider id of a pending refund, and says nothing of it', async () => {
    const paid = await payment('succeeded');
    const refundId = await refundRow(paid);
    const news = told(paid, { refundId, status: 'requires_action' });
    expect(await rig.deps.refunds.apply(news)).toMatchObject({ kind: 'unchanged' });
    expect(await rig.deps.refunds.find(refundId)).toMatchObject({
      status: 'pending',
      providerRefundId: news.id,
    });
    expect(await events(paid)).toEqual([]);
  });

  test('belongs to nobody when its intent is none of ours', async () => {
    const stranger = { paymentId: 'pay_none', intentId: `pi_${randomUUID()}` };
    const news = told(stranger, { status: 'succeeded' });
    expect(await rig.deps.refunds.apply(news)).toEqual({ kind: 'foreign' });
  });

  test('of a payment whose saga has not recorded its outcome is too early for anybody else', async () => {
    const paid = await payment('processing');
    const refundId = await refundRow(paid, { reason: 'compensation' });
    const news = told(paid, { refundId, status: 'succeeded' });
    expect(await rig.deps.refunds.apply(news)).toEqual({
      kind: 'early',
      paymentId: paid.paymentId,
    });
    expect(await rig.deps.refunds.apply(news, { isBySaga: true })).toMatchObject({
      kind: 'applied',
      event: null,
    });
    expect(await refunds(paid)).toMatchObject([{ status: 'succeeded' }]);
    expect(await rig.read(paid.paymentId)).toMatchObject({ status: 'processing', version: 2 });
  });
});

test.each(['failed', 'canceled'] as const)(
  'a refund that fails after its payment was called %s parks the payment with right figures',
  async (status) => {
    const paid = await payment(status, { captured: 1_250, refunded: 1_250 });
    const refundId = await refundRow(paid, {
      amount: 1_250,
      status: 'succeeded',
      reason: 'compensation',
    });
    const news = told(paid, { refundId, status: 'failed', amountMinor: 1_250 });
    expect(await rig.deps.refunds.apply(news)).toMatchObject({ kind: 'applied', isParked: true });
    expect(await rig.deps.refunds.apply(news)).toMatchObject({ kind: 'unchanged' });
    expect(await rig.read(paid.paymentId)).toMatchObject({
      status: 'needs_review',
      captured: 1_250,
      refunded: 0,
      failure_code: 'refund_failed_late',
    });
    expect(await refunds(paid)).toMatchObject([{ status: 'failed' }]);
    expect(await balance(paid)).toBe(1_250);
    expect(await events(paid)).toEqual(['payment.needs_review.v1']);
  },
);

describe('a refund that the provider never made', () => {
  test('is ended once, and its event says why', async () => {
    const paid = await payment('succeeded');
    const refundId = await refundRow(paid);
    const end = { refundId, status: 'failed', failureCode: 'charge_disputed' } as const;
    expect(await rig.deps.refunds.end(end)).toMatchObject({ kind: 'applied' });
    expect(await rig.deps.refunds.end(end)).toMatchObject({ kind: 'unchanged' });
    expect(await refunds(paid)).toMatchObject([
      { status: 'failed', failure_code: 'charge_disputed' },
    ]);
    expect(await events(paid)).toEqual(['refund.failed.v1']);
  });

  test('and is made after all is counted by itself: its money did move', async () => {
    const paid = await payment('succeeded');
    const refundId = await refundRow(paid);
    await rig.deps.refunds.end({ refundId, status: 'canceled', failureCode: 'resolved_manually' });
    await rig.deps.refunds.apply(told(paid, { refundId, status: 'succeeded' }));
    expect(await rig.read(paid.paymentId)).toMatchObject({ refunded: 500 });
    expect(await refunds(paid)).toMatchObject([
      { status: 'canceled' },
      { status: 'succeeded', reason: 'made_at_provider' },
    ]);
  });

  test('is left to the provider once the provider knows it', async () => {
    const paid = await payment('succeeded');
    const refundId = await refundRow(paid);
    await rig.deps.refunds.apply(told(paid, { refundId, status: 'pending' }));
    const end = { refundId, status: 'failed', failureCode: 'charge_disputed' } as const;
    expect(await rig.deps.refunds.end(end)).toMatchObject({ kind: 'unchanged' });
    expect(await refunds(paid)).toMatchObject([{ status: 'pending' }]);
  });
});
