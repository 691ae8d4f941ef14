import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Log } from '../../application/ports/log';
import type { ServerAddress } from '../../application/ports/server-address';
import { keepConnected } from './connection';
import { HeldMessages } from './held-messages';

/** A delivery as handlers see it; nothing of the vendor's types gets through. */
export interface ReceivedMessage {
  /** The AMQP messageId (the outbox id), or null when the sender set none. */
  readonly id: string | null;
  readonly type: string | null;
  readonly content: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly redelivered: boolean;
  /** How often this message was delivered before and not settled (quorum queues count it). */
  readonly deliveryCount: number;
}

/**
 * `ack`: done. `reject`: poison, straight to the dead-letter queue. `pause`: an outage of something
 * the handler needs: the message is kept unsettled and offered again after a backoff, and nothing
 * more is consumed until then; it costs no delivery.
 */
export type Verdict = 'ack' | 'reject' | 'pause';

export interface ConsumerOptions extends ServerAddress {
  readonly name: string;
  readonly queue: string;
  /** At most 32: a killed consumer charges one delivery to every prefetched message. */
  readonly prefetch: number;
  /** A rejection counts as `pause`: an unforeseen error is not proof of a bad message. */
  readonly onMessage: (message: ReceivedMessage) => Promise<Verdict>;
  /** Runs on each new connection before consuming: declare the topology here. */
  readonly prepare?: (channel: Channel) => Promise<void>;
  readonly log: Log;
  readonly retryInitialMs?: number;
  readonly retryMaxMs?: number;
}

export interface Consumer {
  /** True while the channel is open and the queue is being consumed or deliberately paused. */
  isUp(): boolean;
  /** True while messages are held back because a handler asked for a pause. */
  isPaused(): boolean;
  /**
   * Takes no more messages, waits up to `graceMs` for running handlers, closes. Messages still held
   * go back to the queue.
   */
  close(graceMs: number): Promise<void>;
}

/** Consumes one queue for as long as the process lives, through reconnects and outages. */
export function consume(options: ConsumerOptions): Consumer {
  const user = new ConsumerSession(options);
  const connection = keepConnected({ ...options, user });
  return {
    isUp: () => connection.isUp(),
    isPaused: () => user.isPaused(),
    async close(graceMs) {
      await user.drain(graceMs);
      await connection.close();
    },
  };
}

/**
 * Crash points: before the handler's effect: redelivered, nothing happened. After the effect and
 * before the ack: redelivered, the handler must recognise the repeat. While paused: the broker
 * takes everything held back and charges one delivery to each.
 */
class ConsumerSession {
  private channel: Channel | undefined;
  private consumerTag: string | undefined;
  private draining = false;
  private readonly running = new Set<Promise<void>>();
  private readonly held: HeldMessages<ConsumeMessage>;

  constructor(private readonly options: ConsumerOptions) {
    this.held = new HeldMessages({
      retryInitialMs: options.retryInitialMs ?? 500,
      retryMaxMs: options.retryMaxMs ?? 30_000,
      onRetry: (messages) => this.retry(messages),
      onStale: () => this.giveBack(),
    });
  }

  private fail: (error: Error) => void = () => undefined;

  async open(model: ChannelModel, fail: (error: Error) => void): Promise<void> {
    this.fail = fail;
    const channel = await model.createChannel();
    channel.on('error', fail);
    channel.on('close', () => fail(new Error('channel closed')));
    await this.options.prepare?.(channel);
    await channel.prefetch(this.options.prefetch);
    this.channel = channel;
    if (!this.draining) await this.startConsuming(channel);
  }

  lost(): void {
    this.channel = undefined;
    this.consumerTag = undefined;
    this.held.clear();
  }

  isPaused(): boolean {
    return this.held.size > 0;
  }

  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    this.held.clear();
    await this.stopConsuming();
    const timer = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([Promise.allSettled(this.running), timer]);
  }

  private async startConsuming(channel: Channel): Promise<void> {
    const reply = await channel.consume(this.options.queue, (message) => {
      // A null message means that the queue was deleted: only a new session declares it again.
      if (message === null) return this.fail(new Error('the broker cancelled the consumer'));
      this.handle(channel, message);
    });
    this.consumerTag = reply.consumerTag;
    // A message may have asked for a pause before the broker's answer told us the tag.
    if (this.isPaused() || this.draining) await this.stopConsuming();
  }

  private async stopConsuming(): Promise<void> {
    const tag = this.consumerTag;
    this.consumerTag = undefined;
    if (tag === undefined || this.channel === undefined) return;
    await this.channel.cancel(tag).catch((error: Error) => this.fail(error));
  }

  private handle(channel: Channel, message: ConsumeMessage): void {
    const work = this.settle(channel, message).finally(() => this.running.delete(work));
    this.running.add(work);
  }

  private async settle(channel: Channel, message: ConsumeMessage): Promise<void> {
    const verdict = await this.verdictOf(message);
    // The broker already took the message back from a channel that is gone; settling it on
    // another would settle a stranger's delivery tag.
    if (this.channel !== channel) return;
    if (verdict === 'pause') return this.hold(message);
    if (verdict === 'ack') channel.ack(message);
    else channel.reject(message, false);
    if (this.held.settled(message) && !this.isPaused()) await this.resume(channel);
  }

  private async verdictOf(message: ConsumeMessage): Promise<Verdict> {
    try {
      return await this.options.onMessage(received(message));
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.options.log.error(
        { queue: this.options.queue, messageId: received(message).id, reason },
        'message handler failed; the message is kept and tried again',
      );
      return 'pause';
    }
  }

  private hold(message: ConsumeMessage): void {
    if (!this.isPaused()) {
      this.options.log.warn({ queue: this.options.queue }, 'consuming paused');
      void this.stopConsuming();
    }
    this.held.hold(message);
  }

  private async resume(channel: Channel): Promise<void> {
    if (this.draining || this.consumerTag !== undefined) return;
    this.options.log.info({ queue: this.options.queue }, 'consuming resumed');
    await this.startConsuming(channel).catch((error: Error) => this.fail(error));
  }

  private retry(messages: readonly ConsumeMessage[]): void {
    const channel = this.channel;
    if (channel === undefined) return;
    for (const message of messages) this.handle(channel, message);
  }

  /** The broker closes channels that hold a message for 30 min; going first keeps it orderly. */
  private giveBack(): void {
    this.fail(new Error('messages held too long; giving them back to the queue'));
  }
}

function received(message: ConsumeMessage): ReceivedMessage {
  const { properties, fields, content } = message;
  const headers: Record<string, unknown> = properties.headers ?? {};
  const count: unknown = headers['x-delivery-count'];
  return {
    id: textOrNull(properties.messageId),
    type: textOrNull(properties.type),
    content,
    headers,
    redelivered: fields.redelivered,
    deliveryCount: typeof count === 'number' ? count : 0,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
