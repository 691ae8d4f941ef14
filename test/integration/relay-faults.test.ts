import { Client } from 'pg';
import { createOutboxStore } from '../../adapters/postgres/outbox-store';
import { LeaseLost } from '../../application/ports/outbox-store';
import { exchanges, queues } from '../../contracts/topology';
import { eventually } from '../support/eventually';
import { startPrivateRabbitmq } from '../support/private-rabbitmq';
import {
  attemptedCount,
  createRelayWorld,
  insertRows,
  pendingCount,
  quietLog,
  rowState,
} from '../support/relay-world';
import type { RelayWorld } from '../support/relay-world';
import { drainQueue, startWitness } from '../support/witness';

let world: RelayWorld;
let broker: Awaited<ReturnType<typeof startPrivateRabbitmq>> | undefined;
afterEach(async () => {
  await world.close();
  await broker?.discard();
  broker = undefined;
}, 30_000);

const unroutable = {
  payment: 'pay_1',
  type: 'payment.commands.process.v1',
  exchange: exchanges.commands,
  routingKey: 'nobody.takes.this',
};

test('an unroutable command is dead after five attempts, and one UPDATE revives it', async () => {
  world = await createRelayWorld();
  const [id = ''] = await insertRows(world.sql, [unroutable]);
  world.newRelay().relay.attach();
  await eventually(async () => expect((await rowState(world.sql, id)).dead).toBe(true));
  const dead = await rowState(world.sql, id);
  expect(dead).toMatchObject({ attempts: 5, published: false });
  expect(dead.last_error).toMatch(/NO_ROUTE/);
  const copies = await drainQueue(world.brokerUrl, queues.deadLetters);
  await eventually(() => expect(copies.seen).toHaveLength(1));
  expect(copies.seen[0]?.properties).toMatchObject({ messageId: id, type: unroutable.type });
  await copies.close();

  await world.sql.query(`UPDATE outbox_events SET routing_key = $1`, ['payment.commands.process']);
  await world.sql.query(`UPDATE outbox_events SET attempts = 0 WHERE id = '${id}'`);
  await eventually(async () => expect((await rowState(world.sql, id)).published).toBe(true));
});

test('redrive revives every dead row', async () => {
  world = await createRelayWorld();
  const rows = await insertRows(world.sql, [
    { ...unroutable, headers: { 'paysaga-max-attempts': '1' } },
    { ...unroutable, payment: 'pay_2', headers: { 'paysaga-max-attempts': '1' } },
  ]);
  const { relay } = world.newRelay();
  relay.attach();
  await eventually(() => expect(relay.status().dead).toBe(2));
  await world.sql.query(`UPDATE outbox_events SET routing_key = $1`, ['payment.commands.process']);
  expect(await relay.redrive()).toBe(2);
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  expect((await rowState(world.sql, rows[0] ?? '')).published).toBe(true);
});

test('an event without subscribers is published, kept for looking at, and no failure', async () => {
  world = await createRelayWorld();
  const [id = ''] = await insertRows(world.sql, [{ payment: 'pay_1', version: 1 }]);
  world.newRelay().relay.attach();
  await eventually(async () => expect((await rowState(world.sql, id)).published).toBe(true));
  expect(await attemptedCount(world.sql)).toBe(0);
  const unrouted = await drainQueue(world.brokerUrl, queues.unroutedEvents);
  await eventually(() => expect(unrouted.seen).toHaveLength(1));
  expect(unrouted.seen[0]?.properties).toMatchObject({
    messageId: id,
    contentType: 'application/cloudevents+json',
    deliveryMode: 2,
  });
  await unrouted.close();
});

test.each([
  ['the queue of unrouted events', `queues/%v/${queues.unroutedEvents}`],
  ['the exchange of events', `exchanges/%v/${exchanges.events}`],
])('with %s deleted the topology is declared again, and no attempt is counted', async (_, path) => {
  world = await createRelayWorld();
  const { relay } = world.newRelay();
  relay.attach();
  await insertRows(world.sql, [{ payment: 'pay_0', version: 1 }]);
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  await world.manage(path, { method: 'DELETE' });
  await insertRows(
    world.sql,
    Array.from({ length: 50 }, (_row, n) => ({ payment: `pay_${n}`, version: 2 })),
  );
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  expect(await attemptedCount(world.sql)).toBe(0);
});

test('a row that names an unknown exchange dies alone', async () => {
  world = await createRelayWorld();
  const [id = ''] = await insertRows(world.sql, [{ payment: 'pay_bad', exchange: 'no.such' }]);
  await insertRows(world.sql, [{ payment: 'pay_good', version: 1 }]);
  world.newRelay().relay.attach();
  await eventually(async () => expect((await rowState(world.sql, id)).dead).toBe(true));
  expect(await pendingCount(world.sql)).toBe(0);
  expect(await attemptedCount(world.sql)).toBe(1);
});

test('a mark made under a lost epoch touches no row', async () => {
  world = await createRelayWorld();
  const [id = ''] = await insertRows(world.sql, [{ payment: 'pay_1', version: 1 }]);
  await world.sql.query(
    `INSERT INTO relay_leases VALUES (0, 'successor', 8, clock_timestamp() + interval '1 minute')`,
  );
  const store = createOutboxStore({ databaseUrl: world.databaseUrl, log: quietLog });
  const lease = { shard: 0, epoch: '7' };
  await expect(store.markPublished({ lease, ids: [id] })).rejects.toThrow(LeaseLost);
  const mark = { lease, id, attempts: 0, reason: 'nack', retryAfterMs: 1 };
  await expect(store.markRejected(mark)).rejects.toThrow(LeaseLost);
  expect(await rowState(world.sql, id)).toMatchObject({ published: false, attempts: 0 });
  await store.close();
});

test('a refusal whose answer was lost is counted once, although its mark is repeated', async () => {
  world = await createRelayWorld();
  const [id = ''] = await insertRows(world.sql, [{ payment: 'pay_1', version: 1 }]);
  await world.sql.query(
    `INSERT INTO relay_leases VALUES (0, 'me', 7, clock_timestamp() + interval '1 minute')`,
  );
  const store = createOutboxStore({ databaseUrl: world.databaseUrl, log: quietLog });
  const mark = { lease: { shard: 0, epoch: '7' }, id, reason: 'nack', retryAfterMs: 1 };
  await store.markRejected({ ...mark, attempts: 0 });
  await store.markRejected({ ...mark, attempts: 0 });
  expect(await rowState(world.sql, id)).toMatchObject({ attempts: 1 });
  await store.markRejected({ ...mark, attempts: 1 });
  expect(await rowState(world.sql, id)).toMatchObject({ attempts: 2 });
  await store.close();
});

test('a relay whose database connections are cut goes on without an attempt counted', async () => {
  world = await createRelayWorld();
  const { relay } = world.newRelay();
  relay.attach();
  await eventually(() => expect(relay.status().state).toBe('relaying'));
  for (let round = 1; round <= 5; round += 1) {
    const rows = Array.from({ length: 100 }, (_, n) => ({ payment: `pay_${n}`, version: round }));
    await insertRows(world.sql, rows);
    await world.sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'paysaga-relay-%'`,
    );
  }
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0), {
    timeoutMs: 20_000,
  });
  expect(await attemptedCount(world.sql)).toBe(0);
});

test('a broker restarted in the middle loses nothing and consumes no attempt', async () => {
  broker = await startPrivateRabbitmq();
  world = await createRelayWorld(broker.url);
  const before = await startWitness(broker.url, { exchange: exchanges.events });
  await before.close();
  const writer = new Client({ connectionString: world.databaseUrl });
  await writer.connect();
  const { relay } = world.newRelay();
  relay.attach();
  const total = 3_000;
  const rows = Array.from({ length: total }, (_, n) => ({
    payment: `pay_${n % 200}`,
    version: Math.floor(n / 200) + 1,
  }));
  await insertRows(writer, rows.slice(0, 2_000));
  await eventually(() => expect(relay.status().published).toBeGreaterThan(200));
  await broker.stop();
  await insertRows(writer, rows.slice(2_000));
  await writer.end();
  await eventually(() => expect(relay.status().state).toBe('waiting_for_broker'));
  await broker.start();
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0), {
    timeoutMs: 30_000,
  });
  expect(await attemptedCount(world.sql)).toBe(0);
  const witness = await drainQueue(broker.url, 'witness');
  await eventually(() =>
    expect(new Set(witness.seen.map((message) => message.properties.messageId)).size).toBe(total),
  );
  await witness.close();
}, 120_000);
