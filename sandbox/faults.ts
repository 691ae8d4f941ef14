import type { FormObject } from './form-body';
import { newId } from './ids';

/** What happens to a request that a fault picked. */
export type FaultAction =
  /** Waits before executing; the idempotency key is in flight meanwhile. */
  | { kind: 'delay'; delayMs: number }
  /** Cuts the connection; nothing was executed and the key is unused. */
  | { kind: 'reset_before' }
  /** Executes, stores the answer under the key, and cuts the connection. */
  | { kind: 'apply_then_reset' }
  /** Executes, stores the answer, and never answers; the connection stays open. */
  | { kind: 'apply_then_hang' }
  /**
   * Answers with this status. Without `stored` nothing is executed and the key stays unused;
   * with it the failure is stored and replayed for the key, after executing if `applied` is set.
   */
  | {
      kind: 'status';
      status: number;
      code?: string;
      stored?: boolean;
      applied?: boolean;
      retryAfterSeconds?: number;
    }
  /** Executes, stores the good answer, and sends a broken body once. */
  | { kind: 'malformed_body'; body?: 'html' | 'truncated' };

/** Every condition that is given must hold. Patterns are regular expressions. */
export interface FaultMatch {
  /** A route name such as `payment_intents.confirm`, or `*`. */
  route?: string;
  method?: string;
  idempotencyKey?: string;
  intentId?: string;
  /** In the stored intent's smallest unit, or the body's `amount`. */
  amount?: number;
  metadata?: Record<string, string>;
}

export interface FaultSpec {
  match?: FaultMatch;
  /** Leaves this many matching requests alone first. */
  skip?: number;
  /** Strikes this many times, then is spent; null strikes for ever. Default 1. */
  times?: number | null;
  action: FaultAction;
}

export interface FaultSubject {
  route: string;
  method: string;
  idempotencyKey: string | null;
  intentId: string | null;
  amount: number | null;
  /** The body's metadata over the metadata of the intent that the request concerns. */
  metadata: Record<string, string>;
}

export interface ArmedFault {
  id: string;
  spec: FaultSpec;
  seen: number;
  struck: number;
}

function holds(pattern: string | undefined, value: string | null): boolean {
  return pattern === undefined || (value !== null && new RegExp(pattern).test(value));
}

function matches(match: FaultMatch, subject: FaultSubject): boolean {
  const { route = '*', metadata = {} } = match;
  return (
    (route === '*' || route === subject.route) &&
    (match.method === undefined || match.method === subject.method) &&
    (match.amount === undefined || match.amount === subject.amount) &&
    holds(match.idempotencyKey, subject.idempotencyKey) &&
    holds(match.intentId, subject.intentId) &&
    Object.entries(metadata).every(([key, pattern]) =>
      holds(pattern, subject.metadata[key] ?? null),
    )
  );
}

/** The script of faults; of several that match, the one armed first strikes. */
export class Faults {
  #armed: ArmedFault[] = [];

  get active(): boolean {
    return this.#armed.length > 0;
  }

  arm(spec: FaultSpec): ArmedFault {
    const fault = { id: newId('fault'), spec, seen: 0, struck: 0 };
    this.#armed.push(fault);
    return fault;
  }

  list(): readonly ArmedFault[] {
    return this.#armed;
  }

  /** Removes one fault, or all of them; answers how many. */
  clear(id?: string): number {
    const before = this.#armed.length;
    this.#armed = id === undefined ? [] : this.#armed.filter((fault) => fault.id !== id);
    return before - this.#armed.length;
  }

  take(subject: FaultSubject): FaultAction | null {
    for (const fault of this.#armed) {
      const { match = {}, skip = 0, times = 1, action } = fault.spec;
      if (times !== null && fault.struck >= times) continue;
      if (!matches(match, subject)) continue;
      fault.seen += 1;
      if (fault.seen <= skip) continue;
      fault.struck += 1;
      return action;
    }
    return null;
  }
}

/** The body's `metadata[...]` pairs. */
export function bodyMetadata(form: FormObject): Record<string, string> {
  const given = form['metadata'];
  if (typeof given !== 'object') return {};
  const pairs = Object.entries(given).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return Object.fromEntries(pairs);
}
