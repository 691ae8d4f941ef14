import type { LoggedEvent } from './event-log';

export interface WebhookFaultSpec {
  /** Regular expression on the event type; every event when left out. */
  type?: string;
  /** How many events it strikes; null for ever. Default 1. */
  times?: number | null;
  action:
    | { kind: 'drop' }
    | { kind: 'duplicate'; copies: number }
    | { kind: 'delay'; delayMs: number }
    | { kind: 'bad_signature' }
    /** Holds this many matching events back and then sends them last one first. */
    | { kind: 'reverse'; count: number };
}

export interface PlannedSend {
  event: LoggedEvent;
  delayMs: number;
  badSignature: boolean;
  /** Sent after the first attempt of the one before, not beside it. */
  inOrder: boolean;
}

interface ArmedWebhookFault {
  spec: WebhookFaultSpec;
  struck: number;
  held: LoggedEvent[];
}

function send(event: LoggedEvent, change: Partial<PlannedSend> = {}): PlannedSend {
  return { event, delayMs: 0, badSignature: false, inOrder: false, ...change };
}

/** The script of what goes wrong between an event and its receivers. */
export class WebhookFaults {
  #armed: ArmedWebhookFault[] = [];

  arm(spec: WebhookFaultSpec): void {
    this.#armed.push({ spec, struck: 0, held: [] });
  }

  clear(): void {
    this.#armed = [];
  }

  /** What a reversing fault still holds back, in the order of happening. */
  held(): LoggedEvent[] {
    return this.#armed.flatMap((fault) => fault.held);
  }

  plan(event: LoggedEvent): PlannedSend[] {
    const fault = this.#armed.find(({ spec, struck }) => {
      const { type = '', times = 1 } = spec;
      const reversing = spec.action.kind === 'reverse';
      const limit = reversing ? null : times;
      return (limit === null || struck < limit) && new RegExp(type).test(event.type);
    });
    if (fault === undefined) return [send(event)];
    fault.struck += 1;
    const { action } = fault.spec;
    if (action.kind === 'reverse') return this.#reverse(fault, event, action.count);
    if (action.kind === 'drop') return [];
    const copies = action.kind === 'duplicate' ? action.copies : 0;
    const change = {
      delayMs: action.kind === 'delay' ? action.delayMs : 0,
      badSignature: action.kind === 'bad_signature',
    };
    return Array.from({ length: copies + 1 }, () => send(event, change));
  }

  #reverse(fault: ArmedWebhookFault, event: LoggedEvent, count: number): PlannedSend[] {
    fault.held.push(event);
    if (fault.held.length < count) return [];
    this.#armed = this.#armed.filter((other) => other !== fault);
    return fault.held.toReversed().map((held) => send(held, { inOrder: true }));
  }
}
