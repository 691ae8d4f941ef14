import { invalidRequest } from './api-failure';
import type { World } from './world';

const MOST_LEVELS = 4;

/**
 * What can be expanded in each kind of object, and the kind it leads to. `null` stands for kinds
 * that the sandbox never has: the field is null in every answer.
 */
const EXPANDABLE: Record<string, Record<string, string | null>> = {
  payment_intents: {
    application: null,
    customer: 'customers',
    latest_charge: 'charges',
    on_behalf_of: null,
    payment_method: 'payment_methods',
    review: null,
    source: null,
  },
  charges: {
    application: null,
    application_fee: null,
    balance_transaction: 'balance_transactions',
    customer: 'customers',
    failure_balance_transaction: null,
    on_behalf_of: null,
    payment_intent: 'payment_intents',
    review: null,
    source_transfer: null,
  },
  refunds: {
    balance_transaction: 'balance_transactions',
    charge: 'charges',
    customer: 'customers',
    failure_balance_transaction: 'balance_transactions',
    payment_intent: 'payment_intents',
    payment_method: 'payment_methods',
    source_transfer_reversal: null,
    transfer_reversal: null,
  },
  disputes: { charge: 'charges', payment_intent: 'payment_intents' },
  // The source is a charge, a refund or a dispute: its own fields are looked at no further.
  balance_transactions: { source: null },
  payment_methods: { customer: 'customers' },
  customers: { default_source: null },
};

/**
 * Refuses, before anything is executed, a path that leads nowhere.
 * @param kind the resource in the request's path; `list` when it answers a page of them
 */
export function checkExpand(paths: readonly string[], of: { kind: string; list: boolean }): void {
  for (const path of paths) {
    const names = path.split('.');
    if (names.length > MOST_LEVELS) {
      throw invalidRequest({
        message: `You cannot expand more than ${MOST_LEVELS} levels.`,
        param: 'expand',
      });
    }
    if (of.list ? names.shift() === 'data' && isKnown(of.kind, names) : isKnown(of.kind, names)) {
      continue;
    }
    throw invalidRequest({
      message: `This property cannot be expanded (${path}).`,
      param: 'expand',
    });
  }
}

function isKnown(start: string, names: readonly string[]): boolean {
  let kind: string | null = start;
  for (const name of names) {
    const next: string | null | undefined = kind === null ? undefined : EXPANDABLE[kind]?.[name];
    if (next === undefined) return false;
    kind = next;
  }
  return names.length > 0;
}

function lookUp(world: World, id: string): object | undefined {
  return (
    world.charges.get(id) ??
    world.intents.get(id) ??
    world.refunds.get(id) ??
    world.customers.get(id) ??
    world.disputes.get(id) ??
    world.balance.get(id) ??
    world.cards.get(id)?.object
  );
}

function expandPath(world: World, target: object, path: string[]): object {
  const [name, ...rest] = path;
  if (name === undefined) return target;
  if (Array.isArray(target)) return target.map((item: object) => expandPath(world, item, path));
  const value: unknown = Reflect.get(target, name);
  const found = typeof value === 'string' ? lookUp(world, value) : value;
  if (typeof found !== 'object' || found === null) return target;
  return { ...target, [name]: expandPath(world, found, rest) };
}

/** Replaces ids by their objects along Stripe's `expand[]` paths; the state is not touched. */
export function expand(world: World, answer: object, paths: readonly string[]): object {
  return paths.reduce((target, path) => expandPath(world, target, path.split('.')), answer);
}
