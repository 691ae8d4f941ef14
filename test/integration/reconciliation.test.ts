import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createReconcileActivities } from '../../activities/reconcile-activities';
import { createReconciliationDesk } from '../../adapters/postgres/reconciliation-desk';
import { createReconciliationStore } from '../../adapters/postgres/reconciliation-store';
import { readReconciliationState } from '../../adapters/postgres/reconciliation-state';
import { createDatabase } from '../../adapters/postgres/client';
import { createStripeListing } from '../../adapters/stripe/stripe-listing';
import { connectStripe } from '../../adapters/stripe/stripe-provider';
import { timeOrderedIds } from '../../adapters/system/ids';
import { createReconciliationStarter } from '../../adapters/temporal/reconciliation-starter';
import { createSagaNews } from '../../adapters/temporal/saga-news';
import { startSagaWorker } from '../../adapters/temporal/saga-worker';
import type { SagaWorker } from '../../adapters/temporal/saga-worker';
import type { ProviderListing } from '../../application/ports/provider-listing';
import { driftFoundSchema } from '../../contracts/schemas/messages';
import { eventually } from '../support/eventually';
import { silentLog } from '../support/silent-log';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

jest.setTimeout(90_000);

const hour = 3_600_000;

/** One that tells nobody of the deaths that tests cause. */
const inActivity = () =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) });

let rig: SagaRig;
let world: Awaited<ReturnType<typeof openWorld>>;

beforeAll(async () => {
  rig = await createSagaRig();
  world = await openWorld(rig);
});
afterAll(async () => {
  await world?.close();
  await rig?.close();
});

/** What a reconciliation needs beside the saga, and a worker that carries it out. */
async function openWorld(of: SagaRig) {
  const database = createDatabase({
    databaseUrl: of.databaseUrl,
    poolSize: 3,
    applicationName: 'reconciliation-test',
    log: silentLog,
  });
  const stripe = { apiKey: 'sk_test_rig', apiUrl: of.sandboxUrl, timeoutMs: 5_000 };
  const deps = {
    reconciliation: createReconciliationStore(database.prisma, timeOrderedIds),
    listing: createStripeListing({ ...stripe, pageSize: 3 }),
    provider: of.deps.provider,
    news: createSagaNews({ client: of.temporal, taskQueue: of.taskQueue, timeoutMs: 5_000 }),
    log: silentLog,
  };
  const taskQueue = uniqueName('scheduled');
  const worker: SagaWorker = await startSagaWorker({
    address: fromStack('TEMPORAL_ADDRESS'),
    namespace: testNamespace(),
    taskQueue,
    activities: createReconcileActivities(deps),
    workflows: { workflowsPath: path.join(__dirname, '../../workflows') },
    identity: taskQueue,
    shutdownGraceMs: 1_000,
  });
  const settings = { everyMs: 24 * hour, overlapMs: hour, graceMs: 0, repairWaitMs: 30 };
  return {
    deps,
    prisma: database.prisma,
    desk: createReconciliationDesk(database.prisma),
    stripe: connectStripe(stripe),
    starter: createReconciliationStarter({
      client: of.temporal,
      taskQueue,
      settings,
      timeoutMs: 5_000,
    }),
    close: async () => {
      await worker.shutdown();
      await database.close();
    },
  };
}

const newRun = (from = Date.now() - hour) => ({
  id: `rec_${randomUUID().replaceAll('-', '')}`,
  origin: 'manual' as const,
  from: new Date(from),
  to: new Date(Date.now() + hour),
});

/** Carries out a run and tells what it found. */
async function reconcile() {
  const run = newRun();
  await world.starter.start(run);
  await world.starter.finished(run.id);
  const record = await world.desk.find(run.id);
  const page = await world.desk.drifts({
    runId: run.id,
    merchantId: null,
    limit: 100,
    startingAfter: null,
  });
  return {
    runId: run.id,
    record,
    drifts: page.entries.map(({ type, state, subject }) => ({ type, state, subject })),
  };
}

/** Changes rows behind the back of the triggers that would not let them disagree. */
async function plant(sql: string, values: unknown[] = []): Promise<void> {
  const client = await rig.pool.connect();
  try {
    await client.query('SET session_replication_role = replica');
    await client.query(sql, values);
    await client.query('SET session_replication_role = DEFAULT');
  } finally {
    client.release();
  }
}

async function intentOf(paymentId: string): Promise<string> {
  return (await rig.read(paymentId)).provider_intent_id ?? '';
}

const mark = (paymentId: string) => ({ paysaga_payment_id: paymentId });

function openIntent(metadata: Record<string, string>) {
  return world.stripe.paymentIntents.create({
    amount: 700,
    currency: 'eur',
    allowed_payment_method_types: ['card'],
    metadata,
  });
}

/** Leaves the next test a world without drift. */
async function forget(...paymentIds: string[]): Promise<void> {
  for (const id of paymentIds) {
    await world.stripe.paymentIntents.update(await intentOf(id), {
      metadata: { paysaga_payment_id: '' },
    });
    await plant(`UPDATE payments SET created_at = now() - interval '1 year' WHERE id = $1`, [id]);
    await plant(`UPDATE payments SET provider_intent_id = NULL WHERE id = $1`, [id]);
  }
}

test('records that agree are no drift, over several pages, and others in the account are counted apart', async () => {
  const declined = 'pm_card_chargeDeclined';
  await Promise.all([
    ...Array.from({ length: 4 }, () => rig.pay()),
    rig.pay({ paymentMethod: declined }),
  ]);
  const held = await rig.accept({ captureMethod: 'manual' });
  await rig.start(held);
  await rig.reaches(held, 'authorized');
  await world.stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
  const { record, drifts } = await reconcile();
  expect(drifts).toEqual([]);
  expect(record).toMatchObject({
    intents: 7,
    foreignObjects: 1,
    inFlight: 0,
    drift: { found: 0, repaired: 0, by_type: {} },
  });
  const { rows } = await rig.pool.query(
    `SELECT (SELECT count(*)::int FROM reconciliation_seen) AS seen,
       (SELECT count(*)::int FROM outbox_events WHERE type LIKE 'reconciliation.%') AS events`,
  );
  expect(rows[0]).toEqual({ seen: 0, events: 0 });
});

test('an intent that no payment stores is drift: a stray is closed, one that took money is left to people', async () => {
  const paymentId = await rig.pay();
  const stray = await openIntent(mark(paymentId));
  const unknown = await openIntent(mark(`pay_${'0'.repeat(32)}`));
  await world.stripe.paymentIntents.confirm(unknown.id, { payment_method: 'pm_card_visa' });
  const { drifts } = await reconcile();
  expect(drifts).toHaveLength(2);
  expect(drifts).toContainEqual({ type: 'missing_here', state: 'repaired', subject: stray.id });
  expect(drifts).toContainEqual({ type: 'missing_here', state: 'open', subject: unknown.id });
  expect((await world.stripe.paymentIntents.retrieve(stray.id)).status).toBe('canceled');
  expect((await world.stripe.paymentIntents.retrieve(unknown.id)).status).toBe('succeeded');
  expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded' });
  await world.stripe.paymentIntents.update(unknown.id, { metadata: { paysaga_payment_id: '' } });
});

test('an intent of a payment that is still being processed is never closed', async () => {
  const paymentId = await rig.accept();
  await rig.pool.query(`UPDATE payments SET status = 'processing' WHERE id = $1`, [paymentId]);
  const fresh = await openIntent(mark(paymentId));
  const { drifts } = await reconcile();
  expect(drifts).toEqual([{ type: 'missing_here', state: 'open', subject: fresh.id }]);
  expect((await world.stripe.paymentIntents.retrieve(fresh.id)).status).not.toBe('canceled');
  await world.stripe.paymentIntents.cancel(fresh.id);
  await plant(`UPDATE payments SET status = 'failed' WHERE id = $1`, [paymentId]);
});

test('a payment whose intent the provider does not have is drift that nothing repairs', async () => {
  const paymentId = await rig.accept();
  await plant(
    `UPDATE payments SET status = 'succeeded', captured_minor = 1250,
       provider_intent_id = 'pi_gone' WHERE id = $1`,
    [paymentId],
  );
  const { drifts } = await reconcile();
  expect(drifts).toEqual([{ type: 'missing_there', state: 'open', subject: paymentId }]);
  await plant(`UPDATE payments SET provider_intent_id = NULL, status = 'failed' WHERE id = $1`, [
    paymentId,
  ]);
});

test('a hold that was given up at the provider is drift of the status, and its saga corrects the record', async () => {
  const paymentId = await rig.accept({ captureMethod: 'manual' });
  await rig.start(paymentId);
  await rig.reaches(paymentId, 'authorized');
  await world.stripe.paymentIntents.cancel(await intentOf(paymentId));
  const { drifts } = await reconcile();
  expect(drifts).toContainEqual({ type: 'status', state: 'repaired', subject: paymentId });
  expect(await rig.read(paymentId)).toMatchObject({ status: 'canceled', held: 0 });
});

test('a refund made by hand at the provider is taken into the records after their saga has ended', async () => {
  const paymentId = await rig.pay();
  const refund = await world.stripe.refunds.create({
    payment_intent: await intentOf(paymentId),
    amount: 250,
  });
  const { drifts } = await reconcile();
  expect(drifts).toHaveLength(2);
  expect(drifts).toContainEqual({ type: 'amount', state: 'repaired', subject: paymentId });
  expect(drifts).toContainEqual({
    type: 'refund_missing_here',
    state: 'repaired',
    subject: refund.id,
  });
  expect(await rig.read(paymentId)).toMatchObject({ status: 'succeeded', refunded: 250 });
});

test('wrong figures, and refunds that differ or are missing, are found; no money is moved for them', async () => {
  const paymentId = await rig.pay();
  const refunded = await rig.pay();
  const refund = await world.stripe.refunds.create({
    payment_intent: await intentOf(refunded),
    amount: 300,
  });
  await plant(`UPDATE payments SET captured_minor = 1000 WHERE id = $1`, [paymentId]);
  await plant(
    `INSERT INTO refunds (id, payment_id, amount_minor, currency, status, reason, provider_refund_id)
     VALUES ('re_differs', $1, 301, 'EUR', 'canceled', 'made_at_provider', $2),
       ('re_gone', $1, 5, 'EUR', 'canceled', 'made_at_provider', 're_nowhere')`,
    [refunded, refund.id],
  );
  await plant(`UPDATE payments SET refunded_minor = 300 WHERE id = $1`, [refunded]);
  const { runId, drifts } = await reconcile();
  const found = drifts.map(({ type, subject }) => `${type} ${subject}`).toSorted();
  expect(found).toEqual([
    `amount ${paymentId}`,
    'refund_amount re_differs',
    'refund_missing_there re_gone',
    'refund_status re_differs',
  ]);
  expect(await rig.ledger(paymentId)).toMatchObject([{ captured: 1_250, refunded: 0 }]);
  expect(await rig.ledger(refunded)).toMatchObject([{ captured: 1_250, refunded: 300 }]);
  const { rows } = await rig.pool.query(
    `SELECT aggregate_version, payload FROM outbox_events WHERE aggregate_id = $1`,
    [runId],
  );
  expect(rows).toHaveLength(1);
  expect(driftFoundSchema.parse(rows[0].payload).data).toMatchObject({
    run_id: runId,
    found: 4,
    by_type: { amount: 1, refund_amount: 1, refund_status: 1, refund_missing_there: 1 },
  });
  const { drifts: shown } = await readReconciliationState(world.prisma);
  expect(shown).toContainEqual({ type: 'amount', state: 'open', count: 1 });
  await plant(`DELETE FROM refunds WHERE id IN ('re_differs', 're_gone')`);
  await forget(paymentId, refunded);
});

test('a run whose worker dies at any page goes on behind the last one, and counts nothing twice', async () => {
  const run = newRun();
  await world.deps.reconciliation.open(run);
  const input = { runId: run.id, graceMs: 0 };
  let deaths = 0;
  for (let calls = 0; calls < 40; calls += 1) {
    // Each worker reads one page of a list, and dies when it asks for the next.
    const listing = dyingAfterOne(world.deps.listing);
    const { compareRecords } = createReconcileActivities({ ...world.deps, listing });
    const died = await inActivity()
      .run(compareRecords, input)
      .then(
        () => false,
        () => true,
      );
    if (!died) break;
    deaths += 1;
  }
  expect(deaths).toBeGreaterThan(3);
  const all = await world.stripe.paymentIntents.list({ limit: 100 });
  expect(await world.desk.find(run.id)).toMatchObject({ intents: all.data.length });
});

function dyingAfterOne(listing: ProviderListing): ProviderListing {
  let pages = 0;
  const once = () => {
    pages += 1;
    if (pages > 1) throw new Error('killed');
  };
  return {
    intents: async (query) => (once(), listing.intents(query)),
    refunds: async (query) => (once(), listing.refunds(query)),
  };
}

test('two workers on one run write each page once', async () => {
  const run = newRun();
  await world.deps.reconciliation.open(run);
  const { compareRecords } = createReconcileActivities(world.deps);
  const work = () => inActivity().run(compareRecords, { runId: run.id, graceMs: 0 });
  await Promise.all([work(), work()]);
  const all = await world.stripe.paymentIntents.list({ limit: 100 });
  expect(await world.desk.find(run.id)).toMatchObject({ intents: all.data.length });
});

test('what changed a moment ago is left to the next run', async () => {
  const paymentId = await rig.pay();
  await plant(`UPDATE payments SET captured_minor = 1000, updated_at = now() WHERE id = $1`, [
    paymentId,
  ]);
  const run = newRun();
  await world.deps.reconciliation.open(run);
  const { compareRecords } = createReconcileActivities(world.deps);
  const input = { runId: run.id, graceMs: hour };
  await inActivity().run(compareRecords, input);
  expect(await world.desk.find(run.id)).toMatchObject({ inFlight: 1, drift: { found: 0 } });
  await forget(paymentId);
});

test('a scheduled window begins where the last completed one ended, less the overlap', async () => {
  const { openRun, closeRun } = createReconcileActivities(world.deps);
  const first = newRun();
  const settings = { everyMs: 24 * hour, overlapMs: hour, graceMs: 0, repairWaitMs: 1 };
  const open = async (runId: string, startedAt: string) => {
    await openRun({ ...settings, origin: 'schedule', runId, startedAt });
    const record = await world.desk.find(runId);
    return [record?.from.toISOString(), record?.to.toISOString()];
  };
  expect(await open(first.id, '2026-11-03T00:00:00.000Z')).toEqual([
    '2026-11-01T23:00:00.000Z',
    '2026-11-03T00:00:00.000Z',
  ]);
  await closeRun({ runId: first.id, graceMs: 0 });
  // A day was left out.
  expect(await open(newRun().id, '2026-11-05T00:00:00.000Z')).toEqual([
    '2026-11-02T23:00:00.000Z',
    '2026-11-05T00:00:00.000Z',
  ]);
  await eventually(async () => {
    const { completedAtSeconds } = await readReconciliationState(world.prisma);
    expect(completedAtSeconds).toBeGreaterThan(0);
  });
});
