import { randomUUID } from 'node:crypto';
import { queues } from '../../contracts/topology';
import { crashPointNames } from '../../application/ports/crash-points';
import type { CrashPointName } from '../../application/ports/crash-points';
import { eventually } from '../support/eventually';
import { createSagaRig, plantRefusal } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';
import { createWorkerBench, untilLogged } from './saga-worker.fixture';

jest.setTimeout(120_000);

let rig: SagaRig;

beforeAll(async () => {
  // No worker in this process: here the real ones run.
  rig = await createSagaRig({ withWorker: false });
});

afterAll(() => rig?.close());

test('a command becomes a charge, its idempotency key is logged, and SIGTERM ends the worker with 0', async () => {
  const bench = await createWorkerBench(rig);
  const worker = await bench.start();
  const paymentId = await rig.accept();
  await bench.command(paymentId);
  await bench.command(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded' });
  expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 1 }]);
  await untilLogged(worker, `key-of-${paymentId}`);
  expect(await worker.stop()).toBe(0);
  await bench.close();
});

test('a poison message goes to the dead-letter queue and the next command is worked on', async () => {
  const bench = await createWorkerBench(rig);
  await bench.start();
  await bench.publish({ id: randomUUID(), payload: { not: 'a command' } });
  const paymentId = await rig.accept();
  await bench.command(paymentId);
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded' });
  await eventually(async () => expect(await bench.queueDepth(queues.processCommandsDead)).toBe(1), {
    timeoutMs: 20_000,
  });
  await bench.close();
});

test('the schedule of a worker picks up a payment whose command was lost', async () => {
  const bench = await createWorkerBench(rig);
  const paymentId = await rig.accept();
  await bench.start({ SWEEP_INTERVAL_MS: '1000', SWEEP_PENDING_AFTER_MS: '1' });
  expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded' });
  await bench.close();
});

/** The steps that only a payment passes which is given back. */
const undoPoints: readonly CrashPointName[] = ['after_undo_started', 'mid_compensation'];

/** And those that only a payment passes which was held first. */
const capturePoints: readonly CrashPointName[] = ['after_capture_stored', 'after_stripe_capture'];

/** And those that only a refund passes. */
const refundPoints: readonly CrashPointName[] = ['after_refund_stored', 'after_stripe_refund'];

test.concurrent.each(crashPointNames.filter((name) => !refundPoints.includes(name)))(
  'a worker that dies by SIGKILL at %s leaves one charge at most and a payment that ends',
  async (point) => {
    const bench = await createWorkerBench(rig);
    const isUndone = undoPoints.includes(point);
    const isHeld = capturePoints.includes(point);
    const paymentId = await rig.accept(isHeld ? { captureMethod: 'manual' } : {});
    if (isUndone) await plantRefusal(rig, paymentId);
    const doomed = await bench.start({ CRASH_POINT: point });
    await bench.command(paymentId);
    if (isHeld) await bench.capture(paymentId);
    expect((await doomed.exited).signal).toBe('SIGKILL');
    await bench.start();
    const ended = await rig.settled(paymentId, 60_000);
    expect(ended).toMatchObject(
      isUndone
        ? { status: 'failed', failure_code: 'recording_failed', captured: 1_250, refunded: 1_250 }
        : { status: 'succeeded', captured: 1_250, refunded: 0 },
    );
    expect(await rig.ledger(paymentId)).toMatchObject([
      { charges: 1, captured: 1_250, refunded: isUndone ? 1_250 : 0, refunds: isUndone ? 1 : 0 },
    ]);
    await bench.close();
  },
);

test.concurrent.each(refundPoints)(
  'a worker that dies by SIGKILL at %s leaves one refund, which ends',
  async (point) => {
    const bench = await createWorkerBench(rig);
    const paymentId = await rig.accept();
    const first = await bench.start();
    await bench.command(paymentId);
    await rig.settled(paymentId, 60_000);
    expect(await first.stop()).toBe(0);
    const doomed = await bench.start({ CRASH_POINT: point });
    const refundId = await rig.storeRefund(paymentId, 500);
    await bench.refundCommand(paymentId, refundId);
    expect((await doomed.exited).signal).toBe('SIGKILL');
    await bench.start();
    await eventually(
      async () => expect(await rig.read(paymentId)).toMatchObject({ refunded: 500 }),
      {
        timeoutMs: 60_000,
      },
    );
    expect(await rig.ledger(paymentId)).toMatchObject([{ refunded: 500, refunds: 1 }]);
    await bench.close();
  },
);
