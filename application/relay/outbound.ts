import { exchanges } from '../../contracts/topology';
import type { OutboundMessage } from '../ports/message-publisher';
import type { OutboxRow } from '../ports/outbox-store';
import { relayHeaders } from '../ports/outbox-store';

/** The message of a row, without the headers meant for the relay. */
export function outboundMessage(row: OutboxRow): OutboundMessage {
  const { [relayHeaders.maxAttempts]: _, ...headers } = row.headers;
  return {
    id: row.id,
    type: row.type,
    exchange: row.exchange,
    routingKey: row.routingKey,
    payload: row.payload,
    headers,
  };
}

/** The copy of a dead row for the dead-letter queue: the same message, and why it ended there. */
export function deadLetterCopy(row: OutboxRow, reason: string): OutboundMessage {
  const message = outboundMessage(row);
  return {
    ...message,
    exchange: exchanges.deadLetters,
    headers: {
      ...message.headers,
      'x-paysaga-last-error': reason.slice(0, 500),
      'x-paysaga-attempts': String(row.attempts + 1),
      'x-paysaga-exchange': row.exchange,
      'x-paysaga-routing-key': row.routingKey,
    },
  };
}
