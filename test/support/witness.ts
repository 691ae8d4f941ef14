import amqp from 'amqplib';
import type { ConsumeMessage } from 'amqplib';
import { assertTopology } from '../../adapters/rabbitmq/topology';
import { faultsOf, isDescribed } from './documented-messages';

export interface Witness {
  readonly seen: ConsumeMessage[];
  close(): Promise<void>;
}

/**
 * A queue that sees every event, declared durable so that a broker restart keeps what it holds. To
 * close it fails when a message was not what the AsyncAPI document says of its type.
 */
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
  const seen = await consumeInto(channel, queue);
  return { seen, close: () => closeThenJudge(connection, seen) };
}

/** Takes everything a queue holds and will hold. */
export async function drainQueue(url: string, queue: string): Promise<Witness> {
  const connection = await amqp.connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const seen = await consumeInto(channel, queue);
  return { seen, close: () => connection.close() };
}

async function consumeInto(channel: amqp.Channel, queue: string) {
  const seen: ConsumeMessage[] = [];
  await channel.consume(queue, (message) => {
    if (message === null) return;
    seen.push(message);
    channel.ack(message);
  });
  return seen;
}

async function closeThenJudge(
  connection: { close(): Promise<void> },
  seen: readonly ConsumeMessage[],
): Promise<void> {
  await connection.close();
  const described = seen.filter(({ properties }) => isDescribed(String(properties.type)));
  const faults = described.flatMap(({ properties, content }) =>
    faultsOf({ type: String(properties.type), payload: JSON.parse(content.toString('utf8')) }),
  );
  if (faults.length > 0) throw new Error(`undocumented messages: ${faults.join('; ')}`);
}
