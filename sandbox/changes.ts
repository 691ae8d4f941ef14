/** What the data file keeps, in the order in which it is taken in again. */
export const KINDS = [
  'clock',
  'customer',
  'card',
  'intent',
  'charge',
  'refund',
  'dispute',
  'balance',
  'event',
  'receiver',
  'delivery',
  'lost',
  'key',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Change {
  kind: Kind;
  id: string;
}

/**
 * What may differ from the data file. An object counts as changed as soon as somebody gets hold of
 * it, so that no handler can forget to say so; what only reads does it `quietly`.
 */
export class Changes {
  readonly #noted = new Map<Kind, Set<string>>();
  #on = false;

  /** Without a data file nothing is noted: nobody would ever take it. */
  start(): void {
    this.#on = true;
  }

  note(kind: Kind, id: string): void {
    if (!this.#on) return;
    const ids = this.#noted.get(kind);
    if (ids === undefined) this.#noted.set(kind, new Set([id]));
    else ids.add(id);
  }

  quietly<T>(read: () => T): T {
    const before = this.#on;
    this.#on = false;
    try {
      return read();
    } finally {
      this.#on = before;
    }
  }

  /** Everything noted since the last call. */
  take(): Change[] {
    if (this.#noted.size === 0) return [];
    const taken = [...this.#noted].flatMap(([kind, ids]) => [...ids].map((id) => ({ kind, id })));
    this.#noted.clear();
    return taken;
  }
}
