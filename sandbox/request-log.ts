/** Old entries are dropped beyond this many; the counts go on. */
const MOST_ENTRIES = 10_000;

export interface RequestEntry {
  requestId: string;
  atMs: number;
  method: string;
  path: string;
  route: string;
  idempotencyKey: string | null;
  intentId: string | null;
  metadata: Record<string, string>;
  /** Null when the connection was cut or left hanging. */
  status: number | null;
  replayed: boolean;
  fault: string | null;
}

/** What reached the sandbox, for tests that count calls. */
export class RequestLog {
  #entries: RequestEntry[] = [];
  readonly #counts = new Map<string, number>();
  #total = 0;

  add(entry: RequestEntry): void {
    this.#total += 1;
    this.#counts.set(entry.route, (this.#counts.get(entry.route) ?? 0) + 1);
    this.#entries.push(entry);
    if (this.#entries.length > 2 * MOST_ENTRIES) this.#entries = this.#entries.slice(-MOST_ENTRIES);
  }

  find(where: (entry: RequestEntry) => boolean): RequestEntry[] {
    return this.#entries.filter(where);
  }

  counts(): { total: number; byRoute: Record<string, number> } {
    return { total: this.#total, byRoute: Object.fromEntries(this.#counts) };
  }
}
