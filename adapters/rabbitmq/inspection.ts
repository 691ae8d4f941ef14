import { connect } from 'amqplib';
import type { Channel, ChannelModel } from 'amqplib';
import type { ServerAddress } from '../../application/ports/server-address';
import { assertExchange, assertQueue, exchangeDefinitions, queueDefinitions } from './topology';

export interface QueueState {
  readonly name: string;
  /** Messages waiting to be delivered. */
  readonly messages: number;
  readonly consumers: number;
}

/** What a look at the topology found; `faults` has one sentence for each wrong exchange or queue. */
export interface TopologyReport {
  readonly queues: readonly QueueState[];
  readonly faults: readonly string[];
}

export interface BrokerInspection {
  /** Such as `RabbitMQ 3.10.8`. */
  readonly product: string;
  topology(): Promise<TopologyReport>;
  close(): Promise<void>;
}

const connectTimeoutMs = 4_000;

/**
 * One connection to look at the broker with. Looking creates nothing.
 * @throws when the broker cannot be reached or refuses
 */
export async function inspectBroker({ url, tls }: ServerAddress): Promise<BrokerInspection> {
  const model = await connect(url, {
    ...tls,
    timeout: connectTimeoutMs,
    clientProperties: { connection_name: 'inspection' },
  });
  // Without a listener a broker that goes away during the look would end the process.
  model.on('error', () => undefined);
  const { product, version } = model.connection.serverProperties;
  return {
    product: `${product} ${version}`,
    topology: () => inspectTopology(model),
    close: () => model.close().catch(() => undefined),
  };
}

async function inspectTopology(model: ChannelModel): Promise<TopologyReport> {
  const states: QueueState[] = [];
  const faults: string[] = [];
  for (const definition of exchangeDefinitions) {
    const fault = await faultOf(model, async (channel) => {
      await channel.checkExchange(definition.name);
      await assertExchange(channel, definition);
    });
    if (fault !== null) faults.push(`exchange ${definition.name} ${fault}`);
  }
  for (const definition of queueDefinitions) {
    const fault = await faultOf(model, async (channel) => {
      const found = await channel.checkQueue(definition.name);
      states.push({
        name: definition.name,
        messages: found.messageCount,
        consumers: found.consumerCount,
      });
      await assertQueue(channel, definition);
    });
    if (fault !== null) faults.push(`queue ${definition.name} ${fault}`);
  }
  return { queues: states, faults };
}

/**
 * A passive look tells only that a name exists; declaring it once more, which changes nothing
 * that exists, makes the broker compare the arguments. Each refusal closes its channel, so every
 * look has one of its own.
 */
async function faultOf(
  model: ChannelModel,
  look: (channel: Channel) => Promise<void>,
): Promise<string | null> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  try {
    await look(channel);
    await channel.close();
    return null;
  } catch (error) {
    return describeRefusal(error);
  }
}

// Reply codes of AMQP 0-9-1.
const notFound = 404;
const accessRefused = 403;
const preconditionFailed = 406;

function describeRefusal(error: unknown): string {
  switch (Reflect.get(Object(error), 'code')) {
    case notFound:
      return 'is missing';
    case accessRefused:
      return 'may not be looked at by this user';
    case preconditionFailed: {
      const text = error instanceof Error ? error.message : '';
      const argument = /inequivalent arg '([^']+)'/.exec(text)?.[1];
      return `was declared differently${argument === undefined ? '' : ` (${argument})`}`;
    }
    default:
      throw error;
  }
}
