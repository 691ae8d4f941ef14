import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import type { Log } from '../../application/ports/log';
import type { OutboundMessage, PublishOutcome } from '../../application/ports/message-publisher';
import type { RelayBroker } from '../../application/ports/relay-broker';
import type { ServerAddress } from '../../application/ports/server-address';
import { exchanges } from '../../contracts/topology';
import { keepConnected } from './connection';
import { publishArguments } from './publish-arguments';
import { assertTopology } from './topology';

export interface PublisherOptions extends ServerAddress {
  readonly name: string;
  readonly log: Log;
  /**
   * A message without the broker's word for so long is unavailable; unless the broker said that it
   * blocks, the session is over then too.
   */
  readonly confirmTimeoutMs?: number;
  readonly onReturned?: (exchange: string) => void;
}

export interface Publisher extends RelayBroker {
  /** Closes the connection; messages without a confirm end as unavailable. */
  close(): Promise<void>;
}

/**
 * Publishes on one confirm channel, persistent and mandatory, and declares the topology on each new
 * connection. While the broker is away or blocks, publishing answers `unavailable` at once.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const session = new PublisherSession(options);
  const connection = keepConnected({ ...options, user: session });
  return {
    publish: (message) => session.publish(message),
    isReady: () => session.isReady(),
    ready: (signal) => session.ready(signal),
    async close() {
      await connection.close();
      session.stop();
    },
  };
}

interface Pending {
  readonly sentAtMs: number;
  readonly settle: (outcome: PublishOutcome) => void;
}

const topologyExchanges: ReadonlySet<string> = new Set(Object.values(exchanges));

/** Looks for overdue confirms this often; a timer per message would be set 20,000 times a second. */
const overdueCheckMs = 500;

/**
 * Crash points: after the send and before the confirm: the caller never hears, the broker may have
 * stored it, and it is sent again with the same messageId. After the confirm and before the
 * caller's mark: the same. Consumers recognise both by the messageId.
 */
export class PublisherSession {
  private channel: ConfirmChannel | undefined;
  private fail: (error: Error) => void = () => undefined;
  private blockedBecause: string | undefined;
  private drained: Promise<void> | undefined;
  private signalDrained: () => void = () => undefined;
  /** In the order of sending, so the first entry is the oldest. */
  private readonly pending = new Map<number, Pending>();
  private readonly returned = new Map<string, string>();
  private readonly readyWaiters = new Set<() => void>();
  private unblockedAtMs = 0;
  private lastTag = 0;
  private readonly overdueTimer: NodeJS.Timeout;
  private readonly confirmTimeoutMs: number;

  constructor(private readonly options: PublisherOptions) {
    this.confirmTimeoutMs = options.confirmTimeoutMs ?? 10_000;
    this.overdueTimer = setInterval(() => this.checkOverdue(), overdueCheckMs).unref();
  }

  async open(model: ChannelModel, fail: (error: Error) => void): Promise<void> {
    const channel = await model.createConfirmChannel();
    channel.on('error', fail);
    // Ahead of the library's own listener, which would call every confirm back with an error that
    // cannot be told from a nack.
    channel.prependListener('close', () => {
      if (this.channel === channel) this.lost('channel closed');
      fail(new Error('channel closed'));
    });
    await assertTopology(channel);
    channel.on('return', (message) => this.onReturn(message));
    channel.on('drain', () => this.onDrain());
    this.fail = fail;
    this.channel = channel;
    this.announceReady();
  }

  lost(reason: string): void {
    this.channel = undefined;
    this.blockedBecause = undefined;
    this.onDrain();
    this.returned.clear();
    const open = [...this.pending.values()];
    this.pending.clear();
    for (const entry of open) entry.settle({ kind: 'unavailable', reason });
  }

  blocked(reason: string): void {
    this.blockedBecause = reason;
    // A broker that does not read drains nothing: those who wait for it are told why instead.
    this.onDrain();
  }

  unblocked(): void {
    this.blockedBecause = undefined;
    this.unblockedAtMs = performance.now();
    this.announceReady();
  }

  stop(): void {
    clearInterval(this.overdueTimer);
    this.lost('closed by this process');
  }

  isReady(): boolean {
    return this.channel !== undefined && this.blockedBecause === undefined;
  }

  ready(signal: AbortSignal): Promise<void> {
    if (this.isReady() || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        this.readyWaiters.delete(finish);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      this.readyWaiters.add(finish);
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  async publish(message: OutboundMessage): Promise<PublishOutcome> {
    // The exchange of a row that names none of ours would answer by closing the channel, and with
    // it every message on its way: one bad row would stop all payments.
    if (!topologyExchanges.has(message.exchange)) {
      return { kind: 'rejected', reason: `unknown exchange ${message.exchange}` };
    }
    while (this.drained !== undefined && this.blockedBecause === undefined) await this.drained;
    const channel = this.channel;
    if (channel === undefined) return unavailable('no connection to the broker');
    if (this.blockedBecause !== undefined) return blockedFor(this.blockedBecause);
    const sendable = publishArguments(message);
    if (sendable.kind === 'rejected') return sendable;
    return this.send(channel, message, sendable);
  }

  private send(
    channel: ConfirmChannel,
    message: OutboundMessage,
    { content, properties }: Extract<ReturnType<typeof publishArguments>, { kind: 'sendable' }>,
  ): Promise<PublishOutcome> {
    return new Promise((resolve) => {
      const tag = (this.lastTag += 1);
      this.pending.set(tag, { sentAtMs: performance.now(), settle: resolve });
      try {
        const room = channel.publish(
          message.exchange,
          message.routingKey,
          content,
          properties,
          (error: unknown) => this.onConfirm({ tag, message, nacked: Boolean(error) }),
        );
        if (!room) this.waitForDrain();
      } catch (error) {
        this.pending.delete(tag);
        resolve(this.refusedToSend(channel, error));
      }
    });
  }

  /** The library throws for a channel that has just closed, and for what it cannot encode. */
  private refusedToSend(channel: ConfirmChannel, error: unknown): PublishOutcome {
    const reason = error instanceof Error ? error.message : 'cannot be sent';
    if (this.channel !== channel || (error instanceof Error && 'stackAtStateChange' in error)) {
      return unavailable(reason);
    }
    return { kind: 'rejected', reason };
  }

  private onConfirm(result: { tag: number; message: OutboundMessage; nacked: boolean }): void {
    const returnedBecause = this.returned.get(result.message.id);
    this.returned.delete(result.message.id);
    const entry = this.pending.get(result.tag);
    if (entry === undefined) return;
    this.pending.delete(result.tag);
    if (result.nacked) {
      entry.settle({ kind: 'rejected', reason: 'the broker refused the message (nack)' });
    } else if (returnedBecause === undefined) {
      entry.settle({ kind: 'confirmed' });
    } else {
      entry.settle(this.returnedOutcome(result.message, returnedBecause));
    }
  }

  /**
   * Only a command may be at fault for finding no queue. Events have an alternate exchange and
   * dead letters a queue of their own, so for them a return means that the topology is gone.
   */
  private returnedOutcome(message: OutboundMessage, reason: string): PublishOutcome {
    if (message.exchange === exchanges.commands) {
      return { kind: 'rejected', reason: `returned by the broker: ${reason}` };
    }
    // A new session declares the topology again.
    this.fail(new Error(`the topology of ${message.exchange} is gone`));
    return unavailable(`the topology of ${message.exchange} is gone: ${reason}`);
  }

  private onReturn(message: Message): void {
    const id: unknown = message.properties.messageId;
    const { replyText, routingKey } = message.fields as { replyText?: string; routingKey: string };
    this.options.onReturned?.(message.fields.exchange);
    // The return of an unroutable message comes before its ack; the ack reads this.
    if (typeof id === 'string') this.returned.set(id, `${replyText ?? 'returned'} (${routingKey})`);
  }

  private waitForDrain(): void {
    this.drained ??= new Promise((resolve) => {
      this.signalDrained = resolve;
    });
  }

  private onDrain(): void {
    this.drained = undefined;
    this.signalDrained();
  }

  private announceReady(): void {
    if (this.isReady()) for (const waiter of [...this.readyWaiters]) waiter();
  }

  private checkOverdue(): void {
    if (this.blockedBecause !== undefined) return this.giveUpOverdue(this.blockedBecause);
    const [oldest] = this.pending.values();
    if (oldest === undefined) return;
    const waitingSinceMs = Math.max(oldest.sentAtMs, this.unblockedAtMs);
    if (performance.now() - waitingSinceMs < this.confirmTimeoutMs) return;
    this.lost(`no confirm within ${this.confirmTimeoutMs} ms`);
    this.fail(new Error('the broker stopped confirming'));
  }

  /**
   * A blocked broker does not read, and a new session would be blocked too: this one stays, and
   * only the callers stop waiting. A confirm that comes yet finds nobody.
   */
  private giveUpOverdue(blockedBecause: string): void {
    for (const [tag, entry] of this.pending) {
      if (performance.now() - entry.sentAtMs < this.confirmTimeoutMs) return;
      this.pending.delete(tag);
      entry.settle(blockedFor(blockedBecause));
    }
  }
}

function blockedFor(reason: string): PublishOutcome {
  return unavailable(`the broker blocks publishers: ${reason}`);
}

function unavailable(reason: string): PublishOutcome {
  return { kind: 'unavailable', reason };
}
