import type Stripe from 'stripe';
import type { Changes } from './changes';
import type { Clock } from './clock';
import { Collection } from './collection';
import { newId } from './ids';

/** Old events are dropped beyond this many: a soak test must not grow the process without end. */
const MOST_EVENTS = 20_000;
/** Dropping copies the list, so it is done for this many at once. */
const DROPPED_AT_ONCE = 2_000;

/** The request behind an event; Stripe names it in the event. */
export interface Cause {
  requestId: string | null;
  idempotencyKey: string | null;
}

/** What Stripe does by itself has no request behind it. */
export const BY_ITSELF: Cause = { requestId: null, idempotencyKey: null };

export interface LoggedEvent {
  id: string;
  type: string;
  created: number;
  /** The exact body that is signed and sent, a photograph of the object at that moment. */
  body: string;
}

export interface Happening {
  type: string;
  object: object;
  /** The fields that an update changed, with the values they had. */
  previous?: object;
}

type EventBody = Pick<
  Stripe.EventBase,
  'id' | 'object' | 'api_version' | 'created' | 'livemode' | 'pending_webhooks' | 'request'
> & { type: string; data: { object: object; previous_attributes?: object } };

/** Every event in order, each handed on to the deliveries at once. */
export class EventLog {
  readonly #clock: Clock;
  readonly #apiVersion: string;
  readonly #deliver: (event: LoggedEvent) => void;
  readonly logged: Collection<LoggedEvent>;

  constructor(options: {
    clock: Clock;
    changes: Changes;
    apiVersion: string;
    deliver: (event: LoggedEvent) => void;
  }) {
    this.#clock = options.clock;
    this.logged = new Collection('event', options.changes);
    this.#apiVersion = options.apiVersion;
    this.#deliver = options.deliver;
  }

  emit({ type, object, previous }: Happening, cause: Cause): void {
    const body: EventBody = {
      id: newId('evt'),
      object: 'event',
      api_version: this.#apiVersion,
      created: this.#clock.nowSeconds(),
      data: { object, ...(previous === undefined ? {} : { previous_attributes: previous }) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: cause.requestId, idempotency_key: cause.idempotencyKey },
      type,
    };
    const { id, created } = body;
    const event = { id, type, created, body: JSON.stringify(body) };
    this.restore(event);
    this.#deliver(event);
  }

  /** Takes an event in without handing it on. */
  restore(event: LoggedEvent): void {
    this.logged.add(event);
    if (this.logged.all().length > MOST_EVENTS + DROPPED_AT_ONCE) {
      this.logged.dropBeyond(MOST_EVENTS);
    }
  }
}
