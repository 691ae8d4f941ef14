import { randomUUID } from 'node:crypto';
import { applyEventCommand } from '../../contracts/messages';
import { eventually } from '../support/eventually';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';
import { createWorkerBench } from './saga-worker.fixture';

jest.setTimeout(60_000);

let rig: SagaRig;
let bench: Awaited<ReturnType<typeof createWorkerBench>>;

beforeAll(async () => {
  rig = await createSagaRig({ withWorker: false });
  bench = await createWorkerBench(rig);
  await bench.start({ EVENTS_CATCH_UP_INTERVAL_MS: '1000' });
});

afterAll(async () => {
  await bench?.close();
  await rig?.close();
});

async function paid(): Promise<{ paymentId: string; intentId: string }> {
  const paymentId = await rig.accept();
  await bench.command(paymentId);
  const { provider_intent_id: intentId } = await rig.settled(paymentId);
  return { paymentId, intentId: intentId ?? '' };
}

test('the command of a stored webhook is worked on by the worker', async () => {
  const { paymentId, intentId } = await paid();
  const response = await fetch(`${rig.sandboxUrl}/v1/refunds`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_by_hand' },
    body: new URLSearchParams({ payment_intent: intentId, amount: '300' }),
  });
  const refund = (await response.json()) as { id: string };
  const eventId = `evt_${randomUUID()}`;
  await rig.pool.query(
    `INSERT INTO stripe_events
       (id, type, object_id, object_type, object_status, provider_intent_id, occurred_at)
     VALUES ($1, 'refund.created', $2, 'refund', 'succeeded', $3, now())`,
    [eventId, refund.id, intentId],
  );
  const id = randomUUID();
  const data = { event_id: eventId };
  const payload = applyEventCommand({ id, occurredAt: new Date(), traceparent: null, data });
  await bench.publish({ id, payload });
  await eventually(async () =>
    expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', refunded: 300 }),
  );
});

test('what no webhook tells is found by the schedule of the worker', async () => {
  const { paymentId, intentId } = await paid();
  const response = await fetch(`${rig.sandboxUrl}/v1/payment_intents/${intentId}`, {
    headers: { authorization: 'Bearer sk_test_by_hand' },
  });
  const { latest_charge: chargeId } = (await response.json()) as { latest_charge: string };
  await rig.control('POST', `charges/${chargeId}/dispute`, {});
  await eventually(
    async () => {
      const { rows } = await rig.pool.query(
        'SELECT event_type FROM payment_facts WHERE payment_id = $1',
        [paymentId],
      );
      expect(rows).toEqual([{ event_type: 'payment.dispute_opened.v1' }]);
    },
    { timeoutMs: 20_000 },
  );
});
