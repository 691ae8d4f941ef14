import { invalidRequest } from './api-failure';
import type { Clock } from './clock';
import { newId } from './ids';

/** Old events are dropped beyond this many: a soak test must not grow the process without end. */
const MOST_EVENTS = 20_000;

/** The request behind an event; Stripe names it in the event. Both null for Stripe's own acts. */
export interface Cause {
  requestId: string | null;
  idempotencyKey: string | null;
}

export interface LoggedEvent {
  id: string;
  type: string;
  created: number;
  /** The exact body that is signed and sent, a photograph of the object at that moment. */
  body: string;
}

/** Every event in order, each handed on to the deliveries at once. */
export class EventLog {
  readonly #clock: Clock;
  readonly #apiVersion: string;
  readonly #deliver: (event: LoggedEvent) => void;
  readonly #events = new Map<string, LoggedEvent>();

  constructor(options: {
    clock: Clock;
    apiVersion: string;
    deliver: (event: LoggedEvent) => void;
  }) {
    this.#clock = options.clock;
    this.#apiVersion = options.apiVersion;
    this.#deliver = options.deliver;
  }

  emit(type: string, object: object, cause: Cause): void {
    const event = { id: newId('evt'), type, created: this.#clock.nowSeconds() };
    const body = JSON.stringify({
      id: event.id,
      object: 'event',
      api_version: this.#apiVersion,
      created: event.created,
      data: { object },
      livemode: false,
      pending_webhooks: 1,
      request: { id: cause.requestId, idempotency_key: cause.idempotencyKey },
      type,
    });
    const logged = { ...event, body };
    this.#events.set(logged.id, logged);
    if (this.#events.size > MOST_EVENTS) this.#dropOldest();
    this.#deliver(logged);
  }

  get(id: string): LoggedEvent | undefined {
    return this.#events.get(id);
  }

  /** Newest first, as `GET /v1/events` lists them. */
  list(options: { limit: number; type: string | null; startingAfter: string | null }): object {
    const all = [...this.#events.values()].toReversed();
    const from = options.startingAfter;
    const start = from === null ? 0 : all.findIndex((event) => event.id === from) + 1;
    if (from !== null && start === 0) {
      throw invalidRequest({ message: `No such event: '${from}'`, param: 'starting_after' });
    }
    const rest = all
      .slice(start)
      .filter((event) => options.type === null || event.type === options.type);
    return {
      object: 'list',
      url: '/v1/events',
      has_more: rest.length > options.limit,
      data: rest.slice(0, options.limit).map((event): unknown => JSON.parse(event.body)),
    };
  }

  #dropOldest(): void {
    const [oldest] = this.#events.keys();
    if (oldest !== undefined) this.#events.delete(oldest);
  }
}
