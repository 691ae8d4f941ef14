import { describedMessages } from '../../contracts/schemas/message-catalog';
import type { DescribedMessage } from '../../contracts/schemas/message-catalog';
import { exchanges, queues, routingKeys } from '../../contracts/topology';
import { Components } from '../openapi/components';

const contentType = 'application/cloudevents+json';
const bindingVersion = '0.3.0';

const description = `\
What this service says over RabbitMQ. Each message is a CloudEvents 1.0 envelope in structured JSON;
its id and type are repeated in the AMQP properties \`messageId\` and \`type\`.

Delivery is at least once: remember the ids. Events about one payment come in the order of their
\`sequence\`, which counts without a gap. Envelopes and data may gain fields; ignore those you do not
know.`;

/** The AsyncAPI 3 document of every message, made from the schemas that the consumers validate by. */
export function asyncApiDocument(): object {
  const components = new Components();
  const messages = Object.fromEntries(
    describedMessages.map((message) => [message.type, messageOf(message, components)]),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'paysaga',
      version: '1',
      description,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: contentType,
    channels: {
      events: {
        address: '{type}',
        title: exchanges.events,
        description: 'Bind a queue of your own to this topic exchange, by the types you want.',
        parameters: { type: { description: 'The routing key: the type of the event.' } },
        messages: referencesTo('event'),
        bindings: { amqp: { is: 'routingKey', exchange: topicExchange, bindingVersion } },
      },
      commands: {
        address: routingKeys.processPayment,
        title: queues.processCommands,
        description: 'Between the parts of this service; not for others to send to.',
        messages: referencesTo('command'),
        bindings: { amqp: { is: 'queue', queue: commandQueue, bindingVersion } },
      },
    },
    operations: {
      publishEvents: operation('send', 'events', 'Tells what happened to payments.'),
      sendCommands: operation('send', 'commands', 'Asks the command worker.'),
      receiveCommands: operation('receive', 'commands', 'The command worker does what is asked.'),
    },
    components: { messages, schemas: components.schemas },
  };
}

const topicExchange = {
  name: exchanges.events,
  type: 'topic',
  durable: true,
  autoDelete: false,
  vhost: '/',
};

const commandQueue = {
  name: queues.processCommands,
  durable: true,
  exclusive: false,
  autoDelete: false,
  vhost: '/',
};

/** The schema of all that are alike, and of them only this type. */
function messageOf({ type, summary, schema }: DescribedMessage, components: Components): object {
  return {
    name: type,
    title: type,
    summary,
    contentType,
    payload: {
      allOf: [
        components.ofOutput(schema),
        { type: 'object', properties: { type: { const: type } } },
      ],
    },
    bindings: { amqp: { messageType: type, contentEncoding: 'utf-8', bindingVersion } },
  };
}

function referencesTo(kind: DescribedMessage['kind']): object {
  return Object.fromEntries(
    describedMessages
      .filter((message) => message.kind === kind)
      .map(({ type }) => [type, { $ref: `#/components/messages/${type}` }]),
  );
}

function operation(action: 'send' | 'receive', channel: string, summary: string): object {
  return { action, channel: { $ref: `#/channels/${channel}` }, summary };
}
