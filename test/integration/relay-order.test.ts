import { Client } from 'pg';
import { createOutboxSignal } from '../../adapters/postgres/outbox-signal';
import { exchanges } from '../../contracts/topology';
import { eventually } from '../support/eventually';
import {
  createRelayWorld,
  insertRows,
  pendingCount,
  quietLog,
  rowState,
} from '../support/relay-world';
import type { RelayWorld } from '../support/relay-world';
import { startWitness } from '../support/witness';

let world: RelayWorld;

beforeEach(async () => {
  world = await createRelayWorld();
});
afterEach(() => world.close());

interface Seen {
  readonly payment: string;
  readonly version: number;
}

function versionsByPayment(messages: readonly { readonly content: Buffer }[]) {
  const versions = new Map<string, number[]>();
  for (const message of messages) {
    const { payment, version } = JSON.parse(message.content.toString()) as Seen;
    versions.set(payment, [...(versions.get(payment) ?? []), version]);
  }
  return versions;
}

test('200 payments with five events each arrive once, each payment in order', async () => {
  const witness = await startWitness(world.brokerUrl, { exchange: exchanges.events });
  const payments = Array.from({ length: 200 }, (_, n) => `pay_${n}`);
  for (const version of [1, 2, 3, 4, 5]) {
    await insertRows(
      world.sql,
      payments.map((payment) => ({ payment, version })),
    );
  }
  world.newRelay().relay.attach();
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  await eventually(() => expect(witness.seen).toHaveLength(1_000));
  const seen = versionsByPayment(witness.seen);
  expect(seen.size).toBe(200);
  for (const versions of seen.values()) expect(versions).toEqual([1, 2, 3, 4, 5]);
  await witness.close();
});

test('a transaction that commits late is published, though later rows went out before it', async () => {
  const late = new Client({ connectionString: world.databaseUrl });
  await late.connect();
  await late.query('BEGIN');
  const [lateId = ''] = await insertRows(late, [{ payment: 'pay_late', version: 1 }]);
  const [otherId = ''] = await insertRows(world.sql, [{ payment: 'pay_other', version: 1 }]);
  world.newRelay().relay.attach();
  await eventually(async () => expect((await rowState(world.sql, otherId)).published).toBe(true));
  await late.query('COMMIT');
  await late.end();
  await eventually(async () => expect((await rowState(world.sql, lateId)).published).toBe(true));
});

test('a signal wakes the relay long before its poll is due', async () => {
  const signal = createOutboxSignal({ databaseUrl: world.databaseUrl, log: quietLog });
  const { relay } = world.newRelay({ pollMs: 60_000 });
  relay.attach();
  await insertRows(world.sql, [{ payment: 'pay_0', version: 1 }]);
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  for (let n = 1; n <= 5; n += 1) {
    await insertRows(world.sql, [{ payment: `pay_${n}`, version: 1 }]);
    signal.notify();
    await eventually(async () => expect(await pendingCount(world.sql)).toBe(0), {
      timeoutMs: 2_000,
    });
  }
  await signal.close();
});

test('two relays on one shard: one holds the lease, and the other takes it when it is given back', async () => {
  const first = world.newRelay();
  const second = world.newRelay();
  first.relay.attach();
  await eventually(() => expect(first.relay.status().state).toBe('relaying'));
  second.relay.attach();
  await insertRows(world.sql, [{ payment: 'pay_1', version: 1 }]);
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  expect(second.relay.status()).toMatchObject({ state: 'waiting_for_lease', published: 0 });
  await first.close();
  await eventually(() => expect(second.relay.status()).toMatchObject({ epoch: '2' }));
  await insertRows(world.sql, [{ payment: 'pay_1', version: 2 }]);
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
  expect(second.relay.status().published).toBe(1);
});
