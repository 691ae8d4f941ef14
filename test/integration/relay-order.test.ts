import { exchanges } from '../../contracts/topology';
import { eventually } from '../support/eventually';
import { createRelayWorld, insertRows, pendingCount } from '../support/relay-world';
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
