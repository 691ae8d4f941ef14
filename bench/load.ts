import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import { exchanges } from '../contracts/topology';

const requestTimeoutMs = 30_000;

export interface PaymentLoad {
  readonly apiUrl: string;
  readonly apiKey: string;
}

/** Makes one payment of 12.50 EUR. @returns its id @throws when it is not accepted */
export async function postPayment({ apiUrl, apiKey }: PaymentLoad): Promise<string> {
  const response = await fetch(`${apiUrl}/v1/payments`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ amount: 1250, currency: 'EUR', payment_method: 'pm_card_visa' }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  return id;
}

/** When each payment's `payment.succeeded.v1` reached a queue of ours, by `performance.now()`. */
export interface Witness {
  readonly seenAt: ReadonlyMap<string, number>;
  /** Resolves when `count` payments have been seen. @throws after `deadlineMs` */
  untilSeen(count: number, deadlineMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Binds a queue of its own to the success events. */
export async function witnessSuccesses(rabbitmqUrl: string): Promise<Witness> {
  const connection = await connect(rabbitmqUrl);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, exchanges.events, 'payment.succeeded.v1');
  const seenAt = new Map<string, number>();
  const consume = (message: { content: Buffer } | null) => {
    if (message === null) return;
    const event = JSON.parse(message.content.toString()) as { subject: string };
    seenAt.set(event.subject, performance.now());
  };
  await channel.consume(queue, consume, { noAck: true });
  return {
    seenAt,
    async untilSeen(count, deadlineMs) {
      const deadline = performance.now() + deadlineMs;
      while (seenAt.size < count) {
        if (performance.now() > deadline) throw new Error(`${seenAt.size} of ${count} seen`);
        await delay(5);
      }
    },
    close: () => connection.close(),
  };
}

/** Runs `work` `count` times, at most `atOnce` at the same time. */
export async function inParallel(
  { count, atOnce }: { count: number; atOnce: number },
  work: () => Promise<unknown>,
): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** The value below which `share` (0 to 1) of the sample lies; nearest rank. */
export function percentile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('an empty sample has no percentile');
  return value;
}
