import { ApplicationFailure } from '@temporalio/common';
import { faultTypes } from '../../contracts/saga';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

jest.setTimeout(60_000);

let rig: SagaRig;

beforeAll(async () => {
  // The activities are called directly: what is tested is what one attempt leaves to the next.
  rig = await createSagaRig({ withWorker: false });
});

afterEach(() => rig.clearFaults());
afterAll(() => rig?.close());

const day = 25 * 3_600_000;

/** Lets more than a day pass for the provider's keys and for our own record of them. */
async function forgetKeys(paymentId: string): Promise<void> {
  await rig.control('POST', 'idempotency_keys', { key: paymentId });
  await rig.pool.query(
    "UPDATE provider_requests SET first_used_at = now() - $2 * interval '1 ms' WHERE payment_id = $1",
    [paymentId, day],
  );
}

async function faultType(attempt: Promise<unknown>): Promise<string | null | undefined> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof ApplicationFailure ? error.type : null;
}

async function keysOf(paymentId: string): Promise<string[]> {
  const { rows } = await rig.pool.query<{ idempotency_key: string }>(
    'SELECT idempotency_key FROM provider_requests WHERE payment_id = $1 ORDER BY first_used_at, 1',
    [paymentId],
  );
  return rows.map((row) => row.idempotency_key.replace(`${paymentId}:`, ''));
}

const authorize = (paymentId: string) => rig.activities.authorizePayment({ paymentId });
const undo = (paymentId: string) => rig.activities.releaseFunds({ paymentId, mode: 'undo' });

async function authorizeWithFault(paymentId: string, route: string, action: object) {
  await rig.fault({ match: { route, idempotencyKey: paymentId }, action });
  return faultType(authorize(paymentId));
}

describe('authorizePayment', () => {
  test('an applied confirm is found by reading after its key was forgotten', async () => {
    const paymentId = await rig.accept();
    const first = await authorizeWithFault(paymentId, 'payment_intents.confirm', {
      kind: 'apply_then_reset',
    });
    expect(first).toBe(faultTypes.providerUnavailable);
    await forgetKeys(paymentId);
    expect(await authorize(paymentId)).toMatchObject({ kind: 'captured', capturedMinor: 1_250 });
    expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 1 }]);
    expect(await keysOf(paymentId)).not.toContain('confirm:2');
  });

  test('a confirm that never arrived gets a new key only after a read, once its key is forgotten', async () => {
    const paymentId = await rig.accept();
    await authorizeWithFault(paymentId, 'payment_intents.confirm', { kind: 'reset_before' });
    await forgetKeys(paymentId);
    expect(await authorize(paymentId)).toMatchObject({ kind: 'captured' });
    expect(await keysOf(paymentId)).toContain('confirm:2');
    expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 1 }]);
  });

  test('a create whose key was forgotten is made anew, and only one intent is charged', async () => {
    const paymentId = await rig.accept();
    await authorizeWithFault(paymentId, 'payment_intents.create', { kind: 'apply_then_reset' });
    await forgetKeys(paymentId);
    expect(await authorize(paymentId)).toMatchObject({ kind: 'captured' });
    const lines = await rig.ledger(paymentId);
    expect(lines).toHaveLength(2);
    expect(lines.reduce((sum, line) => sum + line.charges, 0)).toBe(1);
  });

  test('a failure that the provider stored ends no payment and starts no endless loop', async () => {
    const paymentId = await rig.accept();
    const first = await authorizeWithFault(paymentId, 'payment_intents.confirm', {
      kind: 'status',
      status: 500,
      stored: true,
    });
    expect(first).toBe(faultTypes.providerUnavailable);
    expect(await authorize(paymentId)).toMatchObject({ kind: 'captured' });
    expect(await keysOf(paymentId)).toContain('confirm:2');
  });

  test('twenty attempts at once leave one intent and one charge', async () => {
    const paymentId = await rig.accept();
    await Promise.allSettled(Array.from({ length: 20 }, () => authorize(paymentId)));
    expect(await authorize(paymentId)).toMatchObject({ kind: 'captured' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 1, captured: 1_250 }]);
  });

  test('an attempt that wakes up after the undo began never confirms', async () => {
    const paymentId = await rig.accept();
    const { store } = rig.deps;
    // The frozen attempt: everything is done but storing the intent.
    await authorizeWithFault(paymentId, 'payment_intents.create', { kind: 'apply_then_reset' });
    expect(await undo(paymentId)).toEqual({ heldMinor: 0, capturedMinor: 0, refundedMinor: 0 });
    expect(await store.storeIntent({ paymentId, intentId: 'pi_late' })).toBe(false);
    expect(await authorize(paymentId)).toEqual({ kind: 'undo_started' });
    expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 0 }]);
  });

  test('a key that the provider does not know is final, a payment that does not exist too', async () => {
    expect(await faultType(authorize('pay_nobody'))).toBe(faultTypes.paymentNotFound);
    const paymentId = await rig.accept();
    const refused = await authorizeWithFault(paymentId, 'payment_intents.create', {
      kind: 'status',
      status: 401,
    });
    expect(refused).toBe(faultTypes.providerRejected);
  });
});

describe('releaseFunds', () => {
  test('a capture is refunded once, although the answer to the refund is lost', async () => {
    const paymentId = await rig.accept();
    await authorize(paymentId);
    await rig.fault({
      match: { route: 'refunds.create', idempotencyKey: paymentId },
      action: { kind: 'apply_then_reset' },
    });
    expect(await faultType(undo(paymentId))).toBe(faultTypes.providerUnavailable);
    const refunded = { heldMinor: 0, capturedMinor: 1_250, refundedMinor: 1_250 };
    expect(await undo(paymentId)).toEqual(refunded);
    expect(await undo(paymentId)).toEqual(refunded);
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunds: 1, refunded: 1_250 }]);
    const { rows } = await rig.pool.query('SELECT status FROM refunds WHERE payment_id = $1', [
      paymentId,
    ]);
    expect(rows).toEqual([{ status: 'succeeded' }]);
  });

  test('ten undos at once refund once', async () => {
    const paymentId = await rig.accept();
    await authorize(paymentId);
    await Promise.allSettled(Array.from({ length: 10 }, () => undo(paymentId)));
    expect(await undo(paymentId)).toMatchObject({ refundedMinor: 1_250 });
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunds: 1, refunded: 1_250 }]);
  });

  test('a refund key that was forgotten is replaced only when no refund of ours is listed', async () => {
    const paymentId = await rig.accept();
    await authorize(paymentId);
    await rig.fault({
      match: { route: 'refunds.create', idempotencyKey: paymentId },
      action: { kind: 'apply_then_reset' },
    });
    await faultType(undo(paymentId));
    await forgetKeys(paymentId);
    expect(await undo(paymentId)).toMatchObject({ refundedMinor: 1_250 });
    expect(await keysOf(paymentId)).not.toContain('refund:2');
  });

  test('a refund that is on its way is waited for, and not called done before the provider says so', async () => {
    const paymentId = await rig.accept({ paymentMethod: 'pm_card_pendingRefund' });
    await authorize(paymentId);
    expect(await faultType(undo(paymentId))).toBe(faultTypes.unfinished);
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunds: 1 }]);
  });

  test('an intent that holds no money is canceled once, although the answer is lost', async () => {
    const paymentId = await rig.accept({ paymentMethod: 'pm_card_chargeDeclined' });
    await authorize(paymentId);
    await rig.fault({
      match: { route: 'payment_intents.cancel', idempotencyKey: paymentId },
      action: { kind: 'apply_then_reset' },
    });
    expect(await faultType(undo(paymentId))).toBe(faultTypes.providerUnavailable);
    expect(await undo(paymentId)).toMatchObject({ heldMinor: 0, capturedMinor: 0 });
    expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled' }]);
  });

  test('a refund whose refusal was stored is sent anew once its cause is gone', async () => {
    const paymentId = await rig.accept();
    await authorize(paymentId);
    await rig.fault({
      match: { route: 'refunds.create', idempotencyKey: paymentId },
      action: { kind: 'status', status: 400, code: 'balance_insufficient', stored: true },
    });
    expect(await faultType(undo(paymentId))).toBe(faultTypes.providerRejected);
    expect(await undo(paymentId)).toMatchObject({ refundedMinor: 1_250 });
    expect(await keysOf(paymentId)).toContain('refund:2');
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunds: 1, refunded: 1_250 }]);
  });

  test('a cancel whose refusal by the state was stored is sent anew when the state allows it', async () => {
    const paymentId = await rig.accept({ paymentMethod: 'pm_card_chargeDeclined' });
    await authorize(paymentId);
    const code = 'payment_intent_unexpected_state';
    await rig.fault({
      match: { route: 'payment_intents.cancel', idempotencyKey: paymentId },
      action: { kind: 'status', status: 400, code, stored: true },
    });
    expect(await undo(paymentId)).toMatchObject({ heldMinor: 0, capturedMinor: 0 });
    expect(await keysOf(paymentId)).toContain('cancel:2');
    expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled' }]);
  });

  test('inspecting an intent that can still be charged settles nothing', async () => {
    const paymentId = await rig.accept({ paymentMethod: 'pm_card_chargeDeclined' });
    await authorize(paymentId);
    const inspected = rig.activities.releaseFunds({ paymentId, mode: 'inspect' });
    expect(await faultType(inspected)).toBe(faultTypes.intentOpen);
    await undo(paymentId);
    expect(await rig.activities.releaseFunds({ paymentId, mode: 'inspect' })).toMatchObject({
      capturedMinor: 0,
    });
  });

  test('resolving leaves captured money where it is, inspecting changes nothing at all', async () => {
    const paymentId = await rig.accept();
    await authorize(paymentId);
    const kept = { heldMinor: 0, capturedMinor: 1_250, refundedMinor: 0 };
    expect(await rig.activities.releaseFunds({ paymentId, mode: 'inspect' })).toEqual(kept);
    expect(await rig.activities.releaseFunds({ paymentId, mode: 'resolve' })).toEqual(kept);
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunds: 0 }]);
  });
});

describe('recordOutcome', () => {
  const success = { status: 'succeeded', capturedMinor: 1_250, failure: null } as const;

  test('repeating a recording changes nothing', async () => {
    const paymentId = await rig.accept();
    await authorize(paymentId);
    await Promise.allSettled(
      Array.from({ length: 20 }, () => rig.activities.recordOutcome({ paymentId, ...success })),
    );
    await rig.activities.recordOutcome({ paymentId, ...success });
    expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', version: 3 });
  });

  test('a status that does not follow from the present one is refused for good', async () => {
    const paymentId = await rig.accept();
    const failure = rig.activities.recordOutcome({ paymentId, ...success });
    expect(await faultType(failure)).toBe(faultTypes.illegalTransition);
  });

  test('a payment that no attempt could begin can be parked', async () => {
    const paymentId = await rig.accept();
    await rig.activities.recordOutcome({ paymentId, status: 'needs_review', failure: null });
    expect(await rig.read(paymentId)).toMatchObject({ status: 'needs_review', version: 2 });
  });

  test('captured figures above the amount are refused by the database for good', async () => {
    const paymentId = await rig.accept();
    await authorize(paymentId);
    const tooMuch = { ...success, capturedMinor: 9_999 };
    expect(await faultType(rig.activities.recordOutcome({ paymentId, ...tooMuch }))).toBe(
      faultTypes.storeRefused,
    );
  });
});
