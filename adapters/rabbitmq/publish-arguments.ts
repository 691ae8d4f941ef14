import type { Options } from 'amqplib';
import type { OutboundMessage } from '../../application/ports/message-publisher';

/** The broker refuses more than 128 MiB by closing the connection; no payment message is near. */
const maxContentBytes = 1024 * 1024;

export type PublishArguments =
  | { readonly kind: 'sendable'; readonly content: Buffer; readonly properties: Options.Publish }
  | { readonly kind: 'rejected'; readonly reason: string };

/** The AMQP form of a message, in the structured JSON mode of CloudEvents. */
export function publishArguments(message: OutboundMessage): PublishArguments {
  const content = Buffer.from(JSON.stringify(message.payload) ?? 'null');
  if (content.length > maxContentBytes) {
    return { kind: 'rejected', reason: `payload of ${content.length} bytes is over the limit` };
  }
  return {
    kind: 'sendable',
    content,
    properties: {
      mandatory: true,
      persistent: true,
      messageId: message.id,
      type: message.type,
      contentType: 'application/cloudevents+json',
      contentEncoding: 'utf-8',
      headers: { ...message.headers },
    },
  };
}
