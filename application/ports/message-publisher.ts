/** A message for the broker, as an outbox row describes it. */
export interface OutboundMessage {
  /** The outbox id: becomes the AMQP messageId, by which consumers recognise a repeat. */
  readonly id: string;
  /** The CloudEvents type: becomes the AMQP type. */
  readonly type: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** A CloudEvents envelope, JSON-safe. */
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What the broker said of one message. `confirmed`: stored by the broker. `rejected`: the broker
 * answered no (a nack, or a command that no queue takes); it counts as an attempt.
 * `unavailable`: no answer (connection lost, blocked, topology gone); it never counts.
 */
export type PublishOutcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface MessagePublisher {
  /** Publishes one message, persistent and mandatory, and waits for the broker's word. Never throws. */
  publish(message: OutboundMessage): Promise<PublishOutcome>;
}
