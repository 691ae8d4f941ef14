import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Changes } from './changes';
import type { LoggedEvent } from './event-log';
import { newId } from './ids';
import type { Receiver } from './receiver';
import type { WebhookFaults } from './webhook-faults';

const MOST_AT_ONCE = 16;
const TIMEOUT_MS = 10_000;
const MOST_BACKOFF_MS = 60_000;
/** With the default base of 500 ms the last attempt comes about five minutes after the first. */
const MOST_ATTEMPTS = 12;

interface Delivery {
  id: string;
  event: LoggedEvent;
  receiver: Receiver;
  attempt: number;
  badSignature: boolean;
  /** Sent only after the first attempt of this one: how events arrive in a scripted order. */
  next: Delivery | null;
}

/** What is still to be sent, as it is kept between two runs. */
export interface SavedDelivery {
  id: string;
  eventId: string;
  receiverId: string;
  attempt: number;
  badSignature: boolean;
}

/** `Stripe-Signature` for `body`: the whole `whsec_...` text is the HMAC key. */
export function signatureHeader(input: { body: string; secret: string; seconds: number }): string {
  const signed = createHmac('sha256', input.secret).update(`${input.seconds}.${input.body}`);
  return `t=${input.seconds},v1=${signed.digest('hex')}`;
}

/** Sends events to the endpoints that want them, again with backoff until one answers 2xx. */
export class WebhookDeliveries {
  readonly #faults: WebhookFaults;
  readonly #receivers: () => Iterable<Receiver>;
  readonly #changes: Changes;
  readonly #backoffMs: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE });
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #queue: Delivery[] = [];
  /** Everything that is not over yet, whether it waits, runs or comes again later. */
  readonly #open = new Map<string, Delivery>();
  /** Events that some receiver will never get. */
  readonly #lost = new Set<string>();
  #running = 0;
  #delivered = 0;
  #failed = 0;
  #givenUp = 0;
  #stopped = false;

  constructor(options: {
    faults: WebhookFaults;
    receivers: () => Iterable<Receiver>;
    changes: Changes;
    backoffMs: number;
  }) {
    this.#changes = options.changes;
    this.#faults = options.faults;
    this.#receivers = options.receivers;
    this.#backoffMs = options.backoffMs;
  }

  /** Hands an event on, as the scripted webhook faults decide. */
  deliver(event: LoggedEvent): void {
    const plan = this.#faults.plan(event);
    if (plan.length === 0 && !this.#faults.held().includes(event)) this.giveUp(event.id);
    let before: Delivery | null = null;
    for (const { delayMs, inOrder, ...send } of plan) {
      for (const delivery of this.#to(send.event, send.badSignature)) {
        this.#begin(delivery);
        if (inOrder && before !== null) before.next = delivery;
        else if (delayMs === 0) this.#enqueue(delivery);
        else this.#later(delayMs, () => this.#enqueue(delivery));
        before = delivery;
      }
    }
  }

  openIds(): Iterable<string> {
    return this.#open.keys();
  }

  /** What a restart has to send, undefined once nothing is left to do. */
  saved(id: string): SavedDelivery | undefined {
    const found = this.#open.get(id);
    if (found === undefined) return undefined;
    const { event, receiver, attempt, badSignature } = found;
    return { id, eventId: event.id, receiverId: receiver.object.id, attempt, badSignature };
  }

  /** The fault that holds events back ends with the process: what it holds is to be sent then. */
  noteHeld(): void {
    for (const event of this.#faults.held()) {
      for (const delivery of this.#to(event, false)) this.#begin(delivery);
    }
  }

  lost(): Iterable<string> {
    return this.#lost;
  }

  giveUp(eventId: string): void {
    this.#lost.add(eventId);
    this.#changes.note('lost', eventId);
  }

  /** The events that are not, or not yet, with every receiver that wants them. */
  undelivered(): Set<string> {
    const open = [...this.#open.values()].map(({ event }) => event.id);
    return new Set([...this.#lost, ...open, ...this.#faults.held().map(({ id }) => id)]);
  }

  resume(event: LoggedEvent, saved: SavedDelivery): void {
    for (const receiver of this.#receivers()) {
      if (receiver.object.id !== saved.receiverId) continue;
      const { id, attempt, badSignature } = saved;
      const delivery = { id, event, receiver, attempt, badSignature, next: null };
      this.#begin(delivery);
      this.#enqueue(delivery);
    }
  }

  counts(): { delivered: number; failedAttempts: number; givenUp: number; waiting: number } {
    return {
      delivered: this.#delivered,
      failedAttempts: this.#failed,
      givenUp: this.#givenUp,
      waiting: this.#queue.length + this.#running + this.#timers.size,
    };
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#agent.destroy();
  }

  #to(event: LoggedEvent, badSignature: boolean): Delivery[] {
    return [...this.#receivers()]
      .filter(({ object: { enabled_events: wanted } }) =>
        wanted.some((type) => type === '*' || type === event.type),
      )
      .map((receiver) => {
        return { id: newId('dlv'), event, receiver, attempt: 1, badSignature, next: null };
      });
  }

  #begin(delivery: Delivery): void {
    this.#open.set(delivery.id, delivery);
    this.#changes.note('delivery', delivery.id);
  }

  #end({ id }: Delivery): void {
    this.#open.delete(id);
    this.#changes.note('delivery', id);
  }

  #enqueue(delivery: Delivery): void {
    this.#queue.push(delivery);
    this.#pump();
  }

  #pump(): void {
    while (!this.#stopped && this.#running < MOST_AT_ONCE) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#running += 1;
      void this.#attempt(next).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const status = await this.#post(delivery);
    if (delivery.next !== null) this.#enqueue(delivery.next);
    delivery.next = null;
    if (status >= 200 && status < 300) {
      this.#delivered += 1;
      this.#end(delivery);
      return;
    }
    this.#failed += 1;
    if (this.#stopped) return;
    if (delivery.attempt >= MOST_ATTEMPTS) {
      this.#givenUp += 1;
      this.#end(delivery);
      this.giveUp(delivery.event.id);
      return;
    }
    const waitMs = Math.min(this.#backoffMs * 2 ** (delivery.attempt - 1), MOST_BACKOFF_MS);
    delivery.attempt += 1;
    this.#later(waitMs, () => this.#enqueue(delivery));
  }

  /** The answer's status, or 0 when there was none in time. */
  #post({ event, receiver, badSignature }: Delivery): Promise<number> {
    // Signed at the time of sending and by the wall clock: receivers check the age by theirs.
    const signature = signatureHeader({
      body: event.body,
      secret: badSignature ? 'whsec_somebody_else' : receiver.secret,
      seconds: Math.floor(Date.now() / 1000),
    });
    return new Promise((resolve) => {
      const sent = request(receiver.object.url, {
        method: 'POST',
        agent: this.#agent,
        timeout: TIMEOUT_MS,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(event.body),
          'stripe-signature': signature,
          'user-agent': 'Stripe/1.0 (paysaga sandbox)',
        },
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => resolve(0));
      sent.on('close', () => resolve(0));
      sent.end(event.body);
    });
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs).unref();
    this.#timers.add(timer);
  }
}
