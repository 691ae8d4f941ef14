import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCleanUp } from '../../activities/clean-up';
import { createDatabase } from '../../adapters/postgres/client';
import type { Database } from '../../adapters/postgres/client';
import { createRetention } from '../../adapters/postgres/retention';
import type { JanitorInput, JanitorResult } from '../../contracts/janitor';
import { exchanges } from '../../contracts/topology';
import { eventually } from '../support/eventually';
import { createRelayWorld, insertRows, pendingCount } from '../support/relay-world';
import type { RelayWorld } from '../support/relay-world';
import { silentLog } from '../support/silent-log';
import { startWitness } from '../support/witness';

const day = 24 * 3_600_000;
const week: JanitorInput = {
  keepMs: {
    outbox_events: 7 * day,
    inbox: 7 * day,
    idempotency_keys: 7 * day,
    stripe_events: 7 * day,
  },
};

let world: RelayWorld;
let database: Database;

beforeEach(async () => {
  world = await createRelayWorld();
  database = createDatabase({
    databaseUrl: world.databaseUrl,
    poolSize: 2,
    applicationName: 'janitor-test',
    log: silentLog,
  });
  await world.sql.query(`INSERT INTO merchants (id, name) VALUES ('mer_1', 'M')`);
});
afterEach(async () => {
  await database.close();
  await world.close();
});

function cleanUp(input = week): Promise<JanitorResult> {
  const janitorMetrics = { deleted: () => undefined };
  const run = createCleanUp({ retention: createRetention(database.prisma), janitorMetrics });
  return new MockActivityEnvironment().run(run, input);
}

async function count(table: string): Promise<number> {
  const { rows } = await world.sql.query(`SELECT count(*)::int AS n FROM ${table}`);
  return rows[0].n;
}

/** Events written so long ago, as the relay left them. */
async function writeOld(state: string, rows: { payment: string; version: number }[], days = 8) {
  const ids = await insertRows(world.sql, rows);
  await world.sql.query(
    `UPDATE outbox_events SET ${state}, created_at = now() - $2 * interval '1 day'
      WHERE id = ANY ($1::uuid[])`,
    [ids, days],
  );
  return ids;
}

const publishedLongAgo = `published_at = now() - interval '8 days'`;

test('a published event goes after its retention, and when it was published stays with what it told of', async () => {
  await world.sql.query(
    `INSERT INTO payments (id, merchant_id, status, version, amount_minor, currency, payment_method,
       flags) VALUES ('pay_1', 'mer_1', 'pending', 2, 100, 'EUR', 'pm_x', '{}')`,
  );
  const [transition, fact] = await writeOld(publishedLongAgo, [
    { payment: 'pay_1', version: 1 },
    { payment: 'pay_1', version: 2 },
  ]);
  await world.sql.query(
    `INSERT INTO payment_transitions (payment_id, version, to_status, event_id, event_type, event_data)
     VALUES ('pay_1', 1, 'pending', $1, 't', '{}')`,
    [transition],
  );
  await world.sql.query(
    `INSERT INTO payment_facts (payment_id, version, event_id, event_type, event_data)
     VALUES ('pay_1', 2, $1, 't', '{}')`,
    [fact],
  );
  const published = await world.sql.query('SELECT published_at FROM outbox_events ORDER BY seq');
  expect(await cleanUp()).toMatchObject({ outbox_events: 2 });
  const kept = await world.sql.query(
    `SELECT published_at FROM payment_transitions UNION ALL SELECT published_at FROM payment_facts`,
  );
  expect(kept.rows).toEqual(published.rows);
});

test('nothing that is unpublished, dead or young is deleted, however old the rest is', async () => {
  const kept = [
    ...(await writeOld('attempts = 0', [{ payment: 'pay_waiting', version: 1 }])),
    ...(await writeOld(`attempts = 5, dead_at = now() - interval '8 days'`, [
      { payment: 'pay_dead', version: 1 },
    ])),
    ...(await writeOld(`published_at = now()`, [{ payment: 'pay_late', version: 1 }])),
  ];
  await writeOld(publishedLongAgo, [{ payment: 'pay_done', version: 1 }]);
  kept.push(...(await writeOld('published_at = now()', [{ payment: 'pay_new', version: 1 }], 0)));
  expect(await cleanUp()).toMatchObject({ outbox_events: 1 });
  const { rows } = await world.sql.query('SELECT id FROM outbox_events ORDER BY seq');
  expect(rows.map(({ id }) => id)).toEqual(kept);
});

test('answers to idempotency keys go once they are final and old, and a locked key never', async () => {
  await world.sql.query(
    `INSERT INTO idempotency_keys (merchant_id, method, path, key, body_sha256, status_code,
       response_body, locked_until, created_at)
     SELECT 'mer_1', 'POST', '/v1/payments', key, '', 202, '', locked_until, created_at FROM (VALUES
       ('old', NULL::timestamptz, now() - interval '8 days'),
       ('old and locked', now() + interval '1 minute', now() - interval '8 days'),
       ('old and lapsed', now() - interval '7 days', now() - interval '8 days'),
       ('young', NULL, now() - interval '6 days')) AS given(key, locked_until, created_at)`,
  );
  expect(await cleanUp()).toMatchObject({ idempotency_keys: 1 });
  const { rows } = await world.sql.query('SELECT key FROM idempotency_keys ORDER BY key');
  expect(rows.map(({ key }) => key)).toEqual(['old and lapsed', 'old and locked', 'young']);
});

test('webhooks go once they were applied long ago, and inbox rows by their age', async () => {
  await world.sql.query(
    `INSERT INTO stripe_events (id, type, object_id, object_type, occurred_at, received_at, processed_at)
     SELECT id, 't', 'o', 'refund', received_at, received_at, processed_at FROM (VALUES
       ('evt_done', now() - interval '9 days', now() - interval '8 days'),
       ('evt_just_done', now() - interval '9 days', now()),
       ('evt_waiting', now() - interval '9 days', NULL)) AS given(id, received_at, processed_at)`,
  );
  await world.sql.query(
    `INSERT INTO inbox (consumer, message_id, received_at)
     VALUES ('c', 'old', now() - interval '8 days'), ('c', 'young', now())`,
  );
  expect(await cleanUp()).toMatchObject({ stripe_events: 1, inbox: 1 });
  const { rows } = await world.sql.query('SELECT id FROM stripe_events ORDER BY id');
  expect(rows.map(({ id }) => id)).toEqual(['evt_just_done', 'evt_waiting']);
  expect((await world.sql.query('SELECT message_id FROM inbox')).rows[0].message_id).toBe('young');
});

test('under load the relay keeps its order and loses nothing, while thousands of old rows go', async () => {
  await world.sql.query(
    `INSERT INTO outbox_events (id, aggregate_id, aggregate_version, type, exchange, routing_key,
       payload, created_at, published_at)
     SELECT gen_random_uuid(), 'pay_old_' || n, 1, 't', 'e', 'r', '{}', now() - interval '8 days',
       now() - interval '8 days' FROM generate_series(1, 9000) AS n`,
  );
  const witness = await startWitness(world.brokerUrl, {
    exchange: exchanges.events,
    queue: `witness-${randomUUID()}`,
  });
  world.newRelay().relay.attach();
  const cleaning = cleanUp();
  const payments = Array.from({ length: 100 }, (_, n) => `pay_${n}`);
  for (const version of [1, 2, 3, 4, 5]) {
    await insertRows(
      world.sql,
      payments.map((payment) => ({ payment, version })),
    );
  }
  expect(await cleaning).toMatchObject({ outbox_events: 9_000 });
  await eventually(() => expect(witness.seen).toHaveLength(500));
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  const versions = new Map<string, number[]>();
  for (const { content } of witness.seen) {
    const { payment, version } = JSON.parse(content.toString());
    versions.set(payment, [...(versions.get(payment) ?? []), version]);
  }
  for (const seen of versions.values()) expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(await count('outbox_events')).toBe(500);
  await witness.close();
});
