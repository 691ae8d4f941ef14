import amqp from 'amqplib';
import type { ConsumeMessage } from 'amqplib';
import { assertTopology } from '../../adapters/rabbitmq/topology';

export interface Witness {
  readonly seen: ConsumeMessage[];
  close(): Promise<void>;
}

/** A queue that sees every event, declared durable so that a broker restart keeps what it holds. */
export async function startWitness(
  url: string,
  { exchange, queue = 'witness' }: { readonly exchange: string; readonly queue?: string },
): Promise<Witness> {
  const connection = await amqp.connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  await assertTopology(channel);
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.bindQueue(queue, exchange, '#');
  return { ...(await consumeInto(channel, queue)), close: () => connection.close() };
}

/** Takes everything a queue holds and will hold. */
export async function drainQueue(url: string, queue: string): Promise<Witness> {
  const connection = await amqp.connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  return { ...(await consumeInto(channel, queue)), close: () => connection.close() };
}

async function consumeInto(channel: amqp.Channel, queue: string) {
  const seen: ConsumeMessage[] = [];
  await channel.consume(queue, (message) => {
    if (message === null) return;
    seen.push(message);
    channel.ack(message);
  });
  return { seen };
}
