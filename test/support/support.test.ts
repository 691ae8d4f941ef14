import amqp from 'amqplib';
import { query } from '../../dev/stack/database';
import { createTestDatabase } from './database';
import { eventually } from './eventually';
import { createTestVhost } from './vhost';

test('a test database starts migrated and empty, and nobody else sees what is written to it', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await query(one.url, 'CREATE TABLE mine (id int)');
  expect(await query(one.url, 'SELECT count(*)::int AS n FROM payments')).toEqual([{ n: 0 }]);
  await expect(query(other.url, 'SELECT * FROM mine')).rejects.toThrow(/does not exist/);
  await Promise.all([one.drop(), other.drop()]);
  await expect(query(one.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
});

test('a test vhost has none of another one queues', async () => {
  const [one, other] = await Promise.all([createTestVhost(), createTestVhost()]);
  const connection = await amqp.connect(one.url);
  const channel = await connection.createChannel();
  await channel.assertQueue('mine');
  expect(await one.manage('queues/%v')).toHaveLength(1);
  expect(await other.manage('queues/%v')).toHaveLength(0);
  await connection.close();
  await Promise.all([one.drop(), other.drop()]);
});

test('eventually returns the first success and throws the last failure', async () => {
  let calls = 0;
  const third = (): number => {
    calls += 1;
    if (calls < 3) throw new Error(`call ${calls}`);
    return calls;
  };
  expect(await eventually(third, { intervalMs: 1 })).toBe(3);
  const never = (): never => {
    throw new Error('not yet');
  };
  await expect(eventually(never, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow('not yet');
});
