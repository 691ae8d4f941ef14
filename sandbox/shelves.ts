import type Stripe from 'stripe';
import { KINDS, type Change, type Kind } from './changes';
import type { LoggedEvent } from './event-log';
import type { SavedKey } from './idempotency-keys';
import { idOf } from './ids';
import type { Receiver } from './receiver';
import type { SavedDelivery, WebhookDeliveries } from './webhook-deliveries';
import type { CardOnFile, World } from './world';

/** All that outlives the process. Scripted faults and the request log do not. */
export interface State {
  world: World;
  deliveries: WebhookDeliveries;
}

interface Shelf {
  ids(state: State): Iterable<string>;
  /** As JSON, or undefined when the thing is gone. */
  write(state: State, id: string): string | undefined;
  load(state: State, saved: { id: string; json: string }): void;
}

function shelf<T>(of: {
  ids: (state: State) => Iterable<string>;
  get: (state: State, id: string) => T | undefined;
  put: (state: State, value: T, id: string) => void;
}): Shelf {
  return {
    ids: of.ids,
    write: (state, id) => {
      const value = of.get(state, id);
      return value === undefined ? undefined : JSON.stringify(value);
    },
    load: (state, { id, json }) => {
      const value: T = JSON.parse(json);
      of.put(state, value, id);
    },
  };
}

const idsOf = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id);

/** How each kind of thing is found, written down and taken in again. */
export const shelves: Record<Kind, Shelf> = {
  clock: shelf<number>({
    ids: () => [''],
    get: ({ world }) => world.clock.aheadMs,
    put: ({ world }, aheadMs) => world.clock.advance(aheadMs),
  }),
  customer: shelf<Stripe.Customer>({
    ids: ({ world }) => idsOf(world.customers.all()),
    get: ({ world }, id) => world.customers.get(id),
    put: ({ world }, customer) => world.customers.add(customer),
  }),
  card: shelf<CardOnFile>({
    ids: ({ world }) => idsOf(world.cards.all()),
    get: ({ world }, id) => world.cards.get(id),
    put: ({ world }, card) => world.cards.add(card),
  }),
  intent: shelf<Stripe.PaymentIntent>({
    ids: ({ world }) => idsOf(world.intents.all()),
    get: ({ world }, id) => world.intents.get(id),
    put: ({ world }, intent) => world.intents.add(intent),
  }),
  charge: shelf<Stripe.Charge>({
    ids: ({ world }) => idsOf(world.charges.all()),
    get: ({ world }, id) => world.charges.get(id),
    put: ({ world }, charge) => world.addCharge(charge, idOf(charge.payment_intent)),
  }),
  refund: shelf<Stripe.Refund>({
    ids: ({ world }) => idsOf(world.refunds.all()),
    get: ({ world }, id) => world.refunds.get(id),
    put: ({ world }, refund) => world.addRefund(refund),
  }),
  dispute: shelf<Stripe.Dispute>({
    ids: ({ world }) => idsOf(world.disputes.all()),
    get: ({ world }, id) => world.disputes.get(id),
    put: ({ world }, dispute) => world.disputes.add(dispute),
  }),
  balance: shelf<Stripe.BalanceTransaction>({
    ids: ({ world }) => idsOf(world.balance.all()),
    get: ({ world }, id) => world.balance.get(id),
    put: ({ world }, line) => world.balance.add(line),
  }),
  event: shelf<LoggedEvent>({
    ids: ({ world }) => idsOf(world.events.logged.all()),
    get: ({ world }, id) => world.events.logged.get(id),
    put: ({ world }, event) => world.events.restore(event),
  }),
  receiver: shelf<Receiver>({
    ids: ({ world }) => world.savedReceivers(),
    get: ({ world }, id) => world.receivers.get(id),
    put: ({ world }, receiver) => world.addReceiver(receiver),
  }),
  delivery: shelf<SavedDelivery>({
    ids: ({ deliveries }) => deliveries.openIds(),
    get: ({ deliveries }, id) => deliveries.saved(id),
    put: ({ world, deliveries }, saved) => {
      const event = world.events.logged.get(saved.eventId);
      if (event !== undefined) deliveries.resume(event, saved);
    },
  }),
  lost: shelf<true>({
    ids: ({ deliveries }) => deliveries.lost(),
    get: () => true,
    put: ({ deliveries }, _true, eventId) => deliveries.giveUp(eventId),
  }),
  key: shelf<SavedKey>({
    ids: ({ world }) => world.keys.names(),
    get: ({ world }, key) => world.keys.answered(key),
    put: ({ world }, saved, key) => world.keys.restore(key, saved),
  }),
};

/** Every thing that there is, as if all of it had just changed. */
export function* allChanges(state: State): Generator<Change> {
  for (const kind of KINDS) {
    for (const id of shelves[kind].ids(state)) yield { kind, id };
  }
}
