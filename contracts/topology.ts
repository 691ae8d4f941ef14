/** Names of the RabbitMQ topology; frozen, because other teams bind their queues to them. */
export const exchanges = {
  events: 'payment.events',
  commands: 'payment.commands',
  /** Where events go that no queue asked for. */
  unroutedEvents: 'payment.events.unrouted',
  /** Copies of outbox rows given up after their last attempt. */
  deadLetters: 'payment.dead',
} as const;

export const queues = {
  processCommands: 'payment.commands.process',
  processCommandsDead: 'payment.commands.process.dlq',
  unroutedEvents: 'payment.events.unrouted',
  deadLetters: 'payment.dead',
} as const;

export const routingKeys = {
  processPayment: 'payment.commands.process',
} as const;

/** The Postgres channel on which writers of outbox rows wake the relay. */
export const outboxChannel = 'paysaga_outbox';
