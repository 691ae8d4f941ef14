import type Stripe from 'stripe';
import { Changes } from './changes';
import { Clock } from './clock';
import { Collection } from './collection';
import { EventLog, type LoggedEvent } from './event-log';
import { IdempotencyKeys } from './idempotency-keys';
import { CONFIGURED, type Receiver } from './receiver';
import type { TestCard } from './test-cards';

/** What the sandbox knows about a payment method beside the object that it shows. */
export interface CardOnFile {
  id: string;
  created: number;
  object: Stripe.PaymentMethod;
  card: TestCard;
  /** Set by the first use without a customer: Stripe allows no second one. */
  used: boolean;
  /** The cardholder authenticated it for later payments without them. */
  setUp: boolean;
}

/** All state of one sandbox: one account, in memory. */
export class World {
  /** Where browsers reach this sandbox; known once it listens. */
  publicUrl = 'http://127.0.0.1';
  readonly changes = new Changes();
  readonly clock = new Clock(this.changes);
  readonly events: EventLog;
  readonly keys = new IdempotencyKeys(this.clock, this.changes);
  readonly intents = new Collection<Stripe.PaymentIntent>('intent', this.changes);
  readonly charges = new Collection<Stripe.Charge>('charge', this.changes);
  readonly refunds = new Collection<Stripe.Refund>('refund', this.changes);
  readonly customers = new Collection<Stripe.Customer>('customer', this.changes);
  readonly disputes = new Collection<Stripe.Dispute>('dispute', this.changes);
  readonly balance = new Collection<Stripe.BalanceTransaction>('balance', this.changes);
  readonly cards = new Collection<CardOnFile>('card', this.changes);
  readonly receivers = new Map<string, Receiver>();
  // By intent, so that a ledger line scans neither every charge nor every refund.
  readonly chargesOfIntent = new Map<string, Stripe.Charge[]>();
  readonly refundsOfIntent = new Map<string, Stripe.Refund[]>();

  /** The events that some webhook endpoint did not get, or not yet. */
  readonly undelivered: () => ReadonlySet<string>;

  constructor(options: {
    apiVersion: string;
    deliver: (event: LoggedEvent) => void;
    undelivered: () => ReadonlySet<string>;
  }) {
    this.undelivered = options.undelivered;
    this.events = new EventLog({ clock: this.clock, changes: this.changes, ...options });
  }

  addReceiver(receiver: Receiver): void {
    this.receivers.set(receiver.object.id, receiver);
    if (receiver.object.id !== CONFIGURED) this.changes.note('receiver', receiver.object.id);
  }

  removeReceiver(id: string): boolean {
    this.changes.note('receiver', id);
    return this.receivers.delete(id);
  }

  /** The configured one comes from the environment again, perhaps with another address. */
  savedReceivers(): string[] {
    return [...this.receivers.keys()].filter((id) => id !== CONFIGURED);
  }

  addCharge(charge: Stripe.Charge, intentId: string): void {
    this.charges.add(charge);
    append(this.chargesOfIntent, intentId, charge);
  }

  addRefund(refund: Stripe.Refund): void {
    this.refunds.add(refund);
    if (typeof refund.payment_intent === 'string') {
      append(this.refundsOfIntent, refund.payment_intent, refund);
    }
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [item]);
  else known.push(item);
}
