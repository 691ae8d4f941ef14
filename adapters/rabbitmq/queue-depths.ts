import type { Channel } from 'amqplib';
import type { Log } from '../../application/ports/log';
import type { ServerAddress } from '../../application/ports/server-address';
import { queues } from '../../contracts/topology';
import { keepConnected } from './connection';

export interface QueueDepth {
  readonly queue: string;
  /** Messages that wait; those a consumer holds unacknowledged are not among them. */
  readonly ready: number;
  readonly consumers: number;
}

export interface QueueDepths {
  /** The depth of each of our queues. @throws when the broker gives no answer in time */
  read(): Promise<readonly QueueDepth[]>;
  close(): Promise<void>;
}

const readTimeoutMs = 2_000;

/**
 * Asks the broker for the depth of our queues, on a connection of its own: a queue that is missing
 * closes the channel that asks for it, and no publisher or consumer may lose theirs to a question.
 */
export function createQueueDepths(
  options: ServerAddress & { readonly name: string; readonly log: Log },
): QueueDepths {
  let channel: Channel | undefined;
  const connection = keepConnected({
    ...options,
    user: {
      async open(model, fail) {
        const opened = await model.createChannel();
        opened.on('error', fail);
        opened.on('close', () => fail(new Error('channel closed')));
        channel = opened;
      },
      lost() {
        channel = undefined;
      },
    },
  });
  return {
    read: () => withinTime(depths(channel)),
    close: () => connection.close(),
  };
}

async function depths(channel: Channel | undefined): Promise<readonly QueueDepth[]> {
  if (channel === undefined) throw new Error('no connection to the broker');
  const found: QueueDepth[] = [];
  for (const name of Object.values(queues)) {
    const { messageCount, consumerCount } = await channel.checkQueue(name);
    found.push({ queue: name, ready: messageCount, consumers: consumerCount });
  }
  return found;
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer of the broker')), readTimeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
