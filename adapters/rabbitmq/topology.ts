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

/**
 * Declares every exchange, queue and binding of the service. Repeating it changes nothing; a queue
 * that exists with other arguments closes the channel with PRECONDITION_FAILED.
 */
export async function assertTopology(channel: Channel): Promise<void> {
  await assertEvents(channel);
  await assertCommands(channel);
  await assertDeadLetters(channel);
}

async function assertEvents(channel: Channel): Promise<void> {
  await channel.assertExchange(exchanges.unroutedEvents, 'fanout', { durable: true });
  await channel.assertQueue(queues.unroutedEvents, {
    durable: true,
    arguments: { ...quorum, 'x-max-length': unroutedEventsLimit, 'x-overflow': 'drop-head' },
  });
  await channel.bindQueue(queues.unroutedEvents, exchanges.unroutedEvents, '');
  await channel.assertExchange(exchanges.events, 'topic', {
    durable: true,
    alternateExchange: exchanges.unroutedEvents,
  });
}

async function assertCommands(channel: Channel): Promise<void> {
  await channel.assertQueue(queues.processCommandsDead, { durable: true, arguments: quorum });
  await channel.assertExchange(exchanges.commands, 'direct', { durable: true });
  await channel.assertQueue(queues.processCommands, {
    durable: true,
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
  });
  await channel.bindQueue(queues.processCommands, exchanges.commands, routingKeys.processPayment);
}

async function assertDeadLetters(channel: Channel): Promise<void> {
  await channel.assertExchange(exchanges.deadLetters, 'fanout', { durable: true });
  await channel.assertQueue(queues.deadLetters, { durable: true, arguments: quorum });
  await channel.bindQueue(queues.deadLetters, exchanges.deadLetters, '');
}
