import { invalidRequest } from './api-failure';
import type { Changes, Kind } from './changes';
import type { Params } from './params';

export interface Item {
  id: string;
  /** Unix seconds. */
  created: number;
}

interface PageOptions<T> {
  url: string;
  where: (item: T) => boolean;
  /** The only items that can be on the page, oldest first, where an index knows them. */
  among?: readonly T[];
  /** What is shown of an item; the item itself when left out. */
  show?: (item: T) => object;
}

/** Objects of one kind in order of creation, listed newest first with Stripe's cursors. */
export class Collection<T extends Item> {
  #order: T[] = [];
  readonly #position = new Map<string, number>();
  /** How many were dropped: positions count from the first item that ever was. */
  #dropped = 0;
  readonly #kind: Kind;
  readonly #changes: Changes;

  constructor(kind: Kind, changes: Changes) {
    this.#kind = kind;
    this.#changes = changes;
  }

  add(item: T): T {
    this.touch(item);
    this.#position.set(item.id, this.#dropped + this.#order.length);
    this.#order.push(item);
    return item;
  }

  get(id: string): T | undefined {
    const position = this.#position.get(id);
    const item = position === undefined ? undefined : this.#order[position - this.#dropped];
    if (item !== undefined) this.touch(item);
    return item;
  }

  /** For whoever changes an item that it got hold of in an earlier request. */
  touch(item: T): void {
    this.#changes.note(this.#kind, item.id);
  }

  all(): readonly T[] {
    return this.#order;
  }

  /** Forgets the oldest so that `most` remain; cheap when it is asked for many at once. */
  dropBeyond(most: number): void {
    const over = this.#order.length - most;
    if (over <= 0) return;
    for (const item of this.#order.slice(0, over)) this.#position.delete(item.id);
    this.#order = this.#order.slice(over);
    this.#dropped += over;
  }

  page(params: Params, options: PageOptions<T>): object {
    const limit = params.integer('limit') ?? 10;
    if (limit < 1 || limit > 100) {
      throw invalidRequest({ message: 'Limit must be between 1 and 100.', param: 'limit' });
    }
    const among = options.among ?? this.#order;
    const created = params.range('created');
    const wanted = (item: T): boolean => created(item.created) && options.where(item);
    const { from, step } = this.#start(params, among);
    const found: T[] = [];
    for (let at = from; at >= 0 && at < among.length && found.length <= limit; at += step) {
      const item = among[at];
      if (item !== undefined && wanted(item)) found.push(item);
    }
    const data = found.slice(0, limit);
    if (step > 0) data.reverse();
    const { show } = options;
    return {
      object: 'list',
      url: options.url,
      has_more: found.length > limit,
      data: show === undefined ? data : data.map((item) => show(item)),
    };
  }

  /** Where the page begins in `among`, and whether it goes to older or to newer items. */
  #start(params: Params, among: readonly T[]): { from: number; step: 1 | -1 } {
    const after = params.text('starting_after');
    const before = params.text('ending_before');
    if (after !== null && before !== null) {
      throw invalidRequest({
        message: 'You may only specify one of these parameters: ending_before, starting_after.',
      });
    }
    if (before !== null) return { from: this.#cursor(before, 'ending_before', among) + 1, step: 1 };
    const end = after === null ? among.length : this.#cursor(after, 'starting_after', among);
    return { from: end - 1, step: -1 };
  }

  #cursor(id: string, param: string, among: readonly T[]): number {
    const position =
      among === this.#order
        ? (this.#position.get(id) ?? -1) - this.#dropped
        : among.findIndex((item) => item.id === id);
    if (position >= 0) return position;
    throw invalidRequest({ code: 'resource_missing', message: `No such object: '${id}'`, param });
  }
}
