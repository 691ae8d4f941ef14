import type { Channel } from 'amqplib';
import { exchanges, queues, routingKeys } from '../../contracts/topology';

/**
 * RabbitMQ 3.10 has no default delivery limit. A consumer killed with N messages prefetched
 * charges one delivery to each of them, so a low limit dead-letters messages nobody looked at.
 */
const commandDeliveryLimit = 50;

/** Events nobody asked for are kept for looking at; the oldest go first beyond this. */
const unroutedEventsLimit = 10_000;

const quorum = { 'x-queue-type': 'quorum' } as const;

export interface ExchangeDefinition {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout';
  readonly options: { readonly durable: true; readonly alternateExchange?: string };
}

export interface QueueDefinition {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** Every exchange of the service; an alternate exchange stands before the one that names it. */
export const exchangeDefinitions: readonly ExchangeDefinition[] = [
  { name: exchanges.unroutedEvents, type: 'fanout', options: { durable: true } },
  {
    name: exchanges.events,
    type: 'topic',
    options: { durable: true, alternateExchange: exchanges.unroutedEvents },
  },
  { name: exchanges.commands, type: 'direct', options: { durable: true } },
  { name: exchanges.deadLetters, type: 'fanout', options: { durable: true } },
];

/** Every queue of the service; a dead-letter queue stands before the one that names it. */
export const queueDefinitions: readonly QueueDefinition[] = [
  {
    name: queues.unroutedEvents,
    arguments: { ...quorum, 'x-max-length': unroutedEventsLimit, 'x-overflow': 'drop-head' },
  },
  { name: queues.processCommandsDead, arguments: quorum },
  {
    name: queues.processCommands,
    arguments: {
      ...quorum,
      'x-delivery-limit': commandDeliveryLimit,
      // The default exchange reaches the dead-letter queue by its name, with no binding to lose.
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': queues.processCommandsDead,
      // At-most-once, the default, loses a dead letter when the broker dies between the queues;
      // at-least-once is refused by the broker without reject-publish.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  },
  { name: queues.deadLetters, arguments: quorum },
];

const bindings: ReadonlyArray<readonly [queue: string, exchange: string, key: string]> = [
  [queues.unroutedEvents, exchanges.unroutedEvents, ''],
  [queues.processCommands, exchanges.commands, routingKeys.processPayment],
  [queues.deadLetters, exchanges.deadLetters, ''],
];

/**
 * Declares every exchange, queue and binding of the service. Repeating it changes nothing; a queue
 * that exists with other arguments closes the channel with PRECONDITION_FAILED.
 */
export async function assertTopology(channel: Channel): Promise<void> {
  for (const definition of exchangeDefinitions) await assertExchange(channel, definition);
  for (const definition of queueDefinitions) await assertQueue(channel, definition);
  for (const binding of bindings) await channel.bindQueue(...binding);
}

export async function assertExchange(channel: Channel, definition: ExchangeDefinition) {
  await channel.assertExchange(definition.name, definition.type, definition.options);
}

export async function assertQueue(channel: Channel, definition: QueueDefinition) {
  return channel.assertQueue(definition.name, { durable: true, arguments: definition.arguments });
}
