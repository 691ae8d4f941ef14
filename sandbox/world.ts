import type Stripe from 'stripe';
import { Clock } from './clock';
import { Collection } from './collection';
import { EventLog, type LoggedEvent } from './event-log';
import { IdempotencyKeys } from './idempotency-keys';
import type { Receiver } from './receiver';
import type { TestCard } from './test-cards';

/** What the sandbox knows about a payment method beside the object that it shows. */
export interface CardOnFile {
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
  readonly clock = new Clock();
  readonly events: EventLog;
  readonly keys = new IdempotencyKeys(this.clock);
  readonly intents = new Collection<Stripe.PaymentIntent>();
  readonly charges = new Collection<Stripe.Charge>();
  readonly refunds = new Collection<Stripe.Refund>();
  readonly customers = new Collection<Stripe.Customer>();
  readonly disputes = new Collection<Stripe.Dispute>();
  readonly balance = new Collection<Stripe.BalanceTransaction>();
  readonly cards = new Map<string, CardOnFile>();
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
    this.events = new EventLog({ clock: this.clock, ...options });
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
