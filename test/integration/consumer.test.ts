import amqp from 'amqplib';
import { consume } from '../../adapters/rabbitmq/consumer';
import type { Consumer, ReceivedMessage, Verdict } from '../../adapters/rabbitmq/consumer';
import { createPublisher } from '../../adapters/rabbitmq/publisher';
import { assertTopology } from '../../adapters/rabbitmq/topology';
import { exchanges, queues, routingKeys } from '../../contracts/topology';
import { eventually } from '../support/eventually';
import { silentLog } from '../support/silent-log';
import { startTcpProxy } from '../support/tcp-proxy';
import { createTestVhost } from '../support/vhost';
import type { TestVhost } from '../support/vhost';
import { drainQueue } from '../support/witness';

let vhost: TestVhost;
let consumer: Consumer | undefined;

beforeEach(async () => {
  vhost = await createTestVhost();
  consumer = undefined;
});
afterEach(async () => {
  await consumer?.close(1_000);
  await vhost.drop();
}, 20_000);

async function send(ids: readonly string[]): Promise<void> {
  const publisher = createPublisher({ url: vhost.url, name: 'test', log: silentLog });
  await publisher.ready(new AbortController().signal);
  for (const id of ids) {
    const outcome = await publisher.publish({
      id,
      type: 'payment.commands.process.v1',
      exchange: exchanges.commands,
      routingKey: routingKeys.processPayment,
      payload: { id },
      headers: { traceparent: '00-1-2-01' },
    });
    expect(outcome).toEqual({ kind: 'confirmed' });
  }
  await publisher.close();
}

function take(
  onMessage: (message: ReceivedMessage) => Promise<Verdict>,
  { prefetch = 8, url = vhost.url } = {},
) {
  consumer = consume({
    url,
    name: 'test',
    queue: queues.processCommands,
    prefetch,
    onMessage,
    prepare: assertTopology,
    log: silentLog,
    retryInitialMs: 20,
    retryMaxMs: 50,
  });
  return consumer;
}

async function queueLength(queue: string): Promise<number> {
  const connection = await amqp.connect(vhost.url);
  try {
    const channel = await connection.createChannel();
    // A queue that is missing for a moment closes the channel, and an unheard error ends jest.
    channel.on('error', () => undefined);
    return (await channel.checkQueue(queue)).messageCount;
  } finally {
    await connection.close();
  }
}

test('a rejected message reaches the dead-letter queue, and the queue moves on', async () => {
  const handled: string[] = [];
  take(async (message) => {
    handled.push(message.id ?? '');
    return message.id === 'poison' ? 'reject' : 'ack';
  });
  await send(['poison', 'good']);
  await eventually(() => expect(handled).toEqual(['poison', 'good']));
  const dead = await drainQueue(vhost.url, queues.processCommandsDead);
  await eventually(() => expect(dead.seen).toHaveLength(1));
  expect(dead.seen[0]?.properties.messageId).toBe('poison');
  await dead.close();
});

test('an outage stops the consuming, costs no delivery, and everything is handled after it', async () => {
  let away = true;
  const offered: ReceivedMessage[] = [];
  const done: ReceivedMessage[] = [];
  await send(Array.from({ length: 40 }, (_, n) => `m${n}`).slice(0, 1));
  const taking = take(async (message) => {
    offered.push(message);
    if (away) return 'pause';
    done.push(message);
    return 'ack';
  });
  await eventually(() => expect(taking.isPaused()).toBe(true));
  await send(Array.from({ length: 40 }, (_, n) => `m${n}`).slice(1));
  // The message is offered again and again by this process, not by the broker.
  await eventually(() => expect(offered.length).toBeGreaterThan(3));
  expect(new Set(offered.map((message) => message.id)).size).toBe(1);
  expect(taking.isUp()).toBe(true);
  away = false;
  await eventually(() => expect(new Set(done.map((message) => message.id)).size).toBe(40));
  expect(done.every((message) => !message.redelivered && message.deliveryCount === 0)).toBe(true);
  expect(taking.isPaused()).toBe(false);
});

test('a handler that throws is an outage, not a verdict on the message', async () => {
  let calls = 0;
  take(async () => {
    calls += 1;
    if (calls < 3) throw new Error('unforeseen');
    return 'ack';
  });
  await send(['m1']);
  await eventually(() => expect(calls).toBe(3));
  await eventually(async () => expect(await queueLength(queues.processCommandsDead)).toBe(0));
});

test('a closing consumer finishes what it began and leaves the rest in the queue', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  await send(['m1', 'm2', 'm3']);
  const taking = take(
    async () => {
      begun += 1;
      await gate;
      return 'ack';
    },
    { prefetch: 1 },
  );
  await eventually(() => expect(begun).toBe(1));
  const closed = taking.close(5_000);
  release();
  await closed;
  expect(begun).toBe(1);
  await eventually(async () => expect(await queueLength(queues.processCommands)).toBe(2));
});

test('a consumer whose queue is deleted declares it again and goes on', async () => {
  const handled: string[] = [];
  const taking = take(async (message) => {
    handled.push(message.id ?? '');
    return 'ack';
  });
  await eventually(() => expect(taking.isUp()).toBe(true));
  await vhost.manage(`queues/%v/${queues.processCommands}`, { method: 'DELETE' });
  await eventually(async () => expect(await queueLength(queues.processCommands)).toBe(0));
  await send(['after']);
  await eventually(() => expect(handled).toEqual(['after']));
});

test('a broker that freezes is noticed within 15 s, and consuming goes on when it is back', async () => {
  const address = new URL(vhost.url);
  const wire = await startTcpProxy(address.host);
  address.host = wire.address;
  const handled: string[] = [];
  const taking = take(
    async (message) => {
      handled.push(message.id ?? '');
      return 'ack';
    },
    { url: address.toString() },
  );
  await eventually(() => expect(taking.isUp()).toBe(true));
  wire.freeze();
  // And a margin for a machine that is busy with other tests.
  await eventually(() => expect(taking.isUp()).toBe(false), { timeoutMs: 18_000 });
  await eventually(() => expect(taking.isUp()).toBe(true));
  await send(['after']);
  await eventually(() => expect(handled).toEqual(['after']));
  await consumer?.close(1_000);
  await wire.close();
}, 30_000);
