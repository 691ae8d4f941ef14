import type {
  MessagePublisher,
  OutboundMessage,
  PublishOutcome,
} from '../../application/ports/message-publisher';
import type { OpenSpan, Tracing } from '../../application/ports/tracing';

/**
 * A publisher that opens a producer span for each message and sends that span's traceparent along,
 * instead of the one that the row was written under. A message that belongs to no trace is sent as
 * it is, or every row from before tracing was switched on would begin a trace of its own.
 */
export function tracePublisher<Publisher extends MessagePublisher>(
  publisher: Publisher,
  tracing: Tracing | null,
): Publisher {
  if (tracing === null) return publisher;
  return {
    ...publisher,
    publish: (message: OutboundMessage) => {
      const parent = tracing.current() ?? message.headers['traceparent'];
      if (parent === undefined) return publisher.publish(message);
      const { name, attributes } = messageSpan('publish', message);
      return tracing.inSpan({ name, kind: 'producer', parent, attributes }, (span) =>
        publishIn(span, { publisher, message }),
      );
    },
  };
}

async function publishIn(
  span: OpenSpan,
  { publisher, message }: { publisher: MessagePublisher; message: OutboundMessage },
): Promise<PublishOutcome> {
  const headers = { ...message.headers, traceparent: span.traceparent };
  const outcome = await publisher.publish({ ...message, headers });
  if (outcome.kind !== 'confirmed') span.fail(outcome.kind);
  return outcome;
}

function messageSpan(operation: 'publish', message: OutboundMessage) {
  return {
    name: `${operation} ${message.type}`,
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.operation': operation,
      'messaging.destination.name': message.exchange,
      'messaging.rabbitmq.destination.routing_key': message.routingKey,
      'messaging.message.id': message.id,
    },
  };
}

/** A delivery, as far as its span tells of it. */
interface Delivery {
  readonly id: string | null;
  readonly type: string | null;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly deliveryCount: number;
}

/** A message handler that works in a consumer span under the message's traceparent. */
export function traceHandler<Message, Verdict extends string>(
  handler: (message: Message) => Promise<Verdict>,
  { tracing, queue }: { readonly tracing: Tracing | null; readonly queue: string },
): (message: Message & Delivery) => Promise<Verdict> {
  if (tracing === null) return handler;
  return (message) => {
    const parent = message.headers['traceparent'];
    if (typeof parent !== 'string') return handler(message);
    const attributes = {
      'messaging.system': 'rabbitmq',
      'messaging.operation': 'process',
      'messaging.destination.name': queue,
      'messaging.message.id': message.id ?? '',
      'paysaga.deliveries_before': message.deliveryCount,
    };
    const name = `process ${message.type ?? 'message'}`;
    return tracing.inSpan({ name, kind: 'consumer', parent, attributes }, async (span) => {
      const verdict = await handler(message);
      span.set({ 'paysaga.verdict': verdict });
      if (verdict !== 'ack') span.fail(verdict);
      return verdict;
    });
  };
}
