import type { FaultAction, FaultMatch, FaultSpec } from './faults';
import type { WebhookFaultSpec } from './webhook-faults';

/** A control request that makes no sense; answered 400 with this message. */
export class ControlError extends Error {}

/** Reading of one JSON object sent to a control endpoint; each method throws `ControlError`. */
export class Script {
  readonly #fields: Map<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null) throw new ControlError('Send a JSON object.');
    this.#fields = new Map(Object.entries(value));
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  raw(name: string): unknown {
    return this.#fields.get(name);
  }

  inner(name: string): Script {
    return new Script(this.raw(name) ?? {});
  }

  number(name: string): number {
    const value = this.raw(name);
    if (typeof value === 'number' && value >= 0) return value;
    throw new ControlError(`${name} must be a number, not negative`);
  }

  text(name: string): string {
    const value = this.raw(name);
    if (typeof value === 'string') return value;
    throw new ControlError(`${name} must be a text`);
  }

  oneOf<T extends string>(name: string, options: readonly T[]): T {
    const value = this.raw(name);
    const found = options.find((option) => option === value);
    if (found !== undefined) return found;
    throw new ControlError(`${name} must be one of ${options.join(', ')}`);
  }

  pattern(name: string): string {
    const value = this.text(name);
    try {
      return new RegExp(value).source;
    } catch {
      throw new ControlError(`${name} must be a regular expression`);
    }
  }

  flag(name: string): boolean {
    return this.raw(name) === true;
  }

  times(): number | null {
    if (!this.has('times')) return 1;
    return this.raw('times') === null ? null : this.number('times');
  }

  patterns(name: string): Record<string, string> {
    const inner = this.inner(name);
    const keys = Object.keys(Object(this.raw(name) ?? {}));
    return Object.fromEntries(keys.map((key) => [key, inner.pattern(key)]));
  }
}

function readMatch(script: Script): FaultMatch {
  return {
    ...(script.has('route') ? { route: script.text('route') } : {}),
    ...(script.has('method') ? { method: script.text('method') } : {}),
    ...(script.has('idempotencyKey') ? { idempotencyKey: script.pattern('idempotencyKey') } : {}),
    ...(script.has('intentId') ? { intentId: script.pattern('intentId') } : {}),
    ...(script.has('amount') ? { amount: script.number('amount') } : {}),
    metadata: script.patterns('metadata'),
  };
}

function readAction(script: Script): FaultAction {
  const kind = script.text('kind');
  switch (kind) {
    case 'delay':
      return { kind, delayMs: script.number('delayMs') };
    case 'reset_before':
    case 'apply_then_reset':
    case 'apply_then_hang':
      return { kind };
    case 'malformed_body':
      return { kind, body: script.raw('body') === 'truncated' ? 'truncated' : 'html' };
    case 'status':
      return {
        kind,
        status: script.number('status'),
        stored: script.flag('stored'),
        applied: script.flag('applied'),
        ...(script.has('code') ? { code: script.text('code') } : {}),
        ...(script.has('retryAfterSeconds')
          ? { retryAfterSeconds: script.number('retryAfterSeconds') }
          : {}),
      };
    default:
      throw new ControlError(`no such fault: ${kind}`);
  }
}

/** Reads `{match?, skip?, times?, action}`, the script of one request fault. */
export function readFault(body: unknown): FaultSpec {
  const script = new Script(body);
  return {
    match: readMatch(script.inner('match')),
    skip: script.has('skip') ? script.number('skip') : 0,
    times: script.times(),
    action: readAction(script.inner('action')),
  };
}

function readWebhookAction(script: Script): WebhookFaultSpec['action'] {
  const kind = script.text('kind');
  switch (kind) {
    case 'drop':
    case 'bad_signature':
      return { kind };
    case 'duplicate':
      return { kind, copies: script.number('copies') };
    case 'delay':
      return { kind, delayMs: script.number('delayMs') };
    case 'reverse':
      return { kind, count: script.number('count') };
    default:
      throw new ControlError(`no such webhook fault: ${kind}`);
  }
}

/** Reads `{type?, times?, action}`, the script of one webhook fault. */
export function readWebhookFault(body: unknown): WebhookFaultSpec {
  const script = new Script(body);
  return {
    type: script.has('type') ? script.pattern('type') : '',
    times: script.times(),
    action: readWebhookAction(script.inner('action')),
  };
}
