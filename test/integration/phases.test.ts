import type { ConsumeMessage } from 'amqplib';
import { readPhase } from '../../config/phases';
import type { FeatureFlags } from '../../contracts/flags';
import { exchanges } from '../../contracts/topology';
import { outboxRelayWorkflowId } from '../../contracts/workflow-names';
import { eventually } from '../support/eventually';
import type { TestProcess } from '../support/process';
import { createTestVhost } from '../support/vhost';
import type { TestVhost } from '../support/vhost';
import { startWitness } from '../support/witness';
import { auditFindings } from './audit.fixture';
import { createFleet, startShoppers } from './phases.fixture';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

const off = { asyncCommands: false, outboxPattern: false, retryLogic: false, compensation: false };
const up: readonly FeatureFlags[] = [
  off,
  { ...off, outboxPattern: true },
  { ...off, outboxPattern: true, retryLogic: true },
  { ...off, outboxPattern: true, retryLogic: true, compensation: true },
  { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true },
];
const walk = [...up, ...up.slice(0, -1).toReversed()];
const paymentsEach = 10;
// The walk starts nine API processes; on a crowded machine that is most of it.
const walkLimitMs = 300_000;

let rig: SagaRig;
let vhost: TestVhost;
let fleet: Awaited<ReturnType<typeof createFleet>>;
let shoppers: ReturnType<typeof startShoppers> | undefined;

beforeAll(async () => {
  [rig, vhost] = await Promise.all([createSagaRig({ withWorker: false }), createTestVhost()]);
  fleet = await createFleet(rig, vhost.url);
});
afterAll(async () => {
  shoppers?.abandon();
  await fleet?.close();
  await supervisor()
    .terminate()
    .catch(() => undefined);
  await rig?.close();
  await vhost?.drop();
});

const supervisor = () =>
  rig.temporal.workflow.getHandle(`${outboxRelayWorkflowId(0)}:${fleet.relayQueue}`);

test(
  'from before phase 0 to 5 and back under load no payment is lost and none is charged twice',
  async () => {
    const witness = await startWitness(vhost.url, { exchange: exchanges.events });
    await fleet.startCommandWorker();
    let api = await fleet.startApi(off);
    let next = Promise.resolve(api);
    const clients = startShoppers({ count: 2, secret: fleet.secret, url: () => api.url });
    shoppers = clients;
    const answered = (instance: TestProcess, status: number) =>
      clients.answers.filter((answer) => answer.url === instance.url && answer.status === status);

    const ended: Promise<number | null>[] = [];
    for (const [step, flags] of walk.entries()) {
      // Before the outbox is first on, nobody relays.
      if (step === 1) await fleet.startOutboxWorker();
      if (step > 0) {
        const former = api;
        api = await next;
        ended.push(former.stop());
      }
      // Its start takes seconds, in which this step's payments are made.
      const following = walk[step + 1];
      if (following !== undefined) next = fleet.startApi(following);
      next.catch(() => undefined);
      const usual = flags.asyncCommands ? 202 : 201;
      await eventually(
        () => expect(answered(api, usual).length).toBeGreaterThanOrEqual(paymentsEach),
        { timeoutMs: 60_000 },
      );
    }
    await clients.stop();

    expect(await Promise.all(ended)).toEqual(Array(walk.length - 1).fill(0));
    const payments = await everySettled();
    expect(payments.map((payment) => payment.reference).toSorted()).toEqual(
      clients.answers.map((answer) => answer.key).toSorted(),
    );
    expect(countByPhase(payments)).toEqual({
      before: expect.any(Number),
      1: expect.any(Number),
      3: expect.any(Number),
      4: expect.any(Number),
      5: expect.any(Number),
    });
    for (const payment of payments) {
      const isDeclined = payment.payment_method === 'pm_card_chargeDeclined';
      expect(payment).toMatchObject({ status: isDeclined ? 'failed' : 'succeeded' });
      const charged = isDeclined ? 0 : 1;
      expect(await rig.ledger(payment.id)).toMatchObject([
        { charges: charged, captured: charged * 1_250, refunded: 0, held: 0 },
      ]);
    }
    await everyEventSeenInOrder(witness.seen);
    expect(await auditFindings(rig)).toEqual([]);
    await witness.close();
  },
  walkLimitMs,
);

interface Settled {
  readonly id: string;
  readonly reference: string;
  readonly status: string;
  readonly payment_method: string;
  readonly flags: FeatureFlags;
}

async function everySettled(): Promise<readonly Settled[]> {
  return eventually(
    async () => {
      const { rows } = await rig.pool.query<Settled>(
        'SELECT id, reference, status, payment_method, flags FROM payments',
      );
      const open = rows.filter((row) => ['pending', 'processing'].includes(row.status));
      expect(open).toEqual([]);
      return rows;
    },
    { timeoutMs: 60_000 },
  );
}

function countByPhase(payments: readonly Settled[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { flags } of payments) {
    const phase = readPhase(flags).phase ?? 'none';
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return counts;
}

/** A repeat may come late; what counts is when each event was seen first. */
async function everyEventSeenInOrder(seen: readonly ConsumeMessage[]): Promise<void> {
  const { rows } = await rig.pool.query<{ payment_id: string; events: string[] }>(
    `SELECT payment_id, array_agg(event_id::text ORDER BY version) AS events
       FROM payment_transitions GROUP BY payment_id`,
  );
  await eventually(
    () => {
      const order = new Map<string, number>();
      for (const [at, message] of seen.entries()) {
        const id = String(message.properties.messageId);
        if (!order.has(id)) order.set(id, at);
      }
      for (const { events } of rows) {
        const places = events.map((id) => order.get(id) ?? Number.NaN);
        expect(places).toEqual(places.toSorted((one, other) => one - other));
        expect(places).not.toContain(Number.NaN);
      }
    },
    { timeoutMs: 60_000 },
  );
}
