import { invalidRequest } from './api-failure';
import type { Params } from './params';

interface Item {
  id: string;
}

/** Objects of one kind in order of creation, listed newest first with Stripe's cursors. */
export class Collection<T extends Item> {
  readonly #order: T[] = [];
  readonly #position = new Map<string, number>();

  add(item: T): T {
    this.#position.set(item.id, this.#order.length);
    this.#order.push(item);
    return item;
  }

  get(id: string): T | undefined {
    const position = this.#position.get(id);
    return position === undefined ? undefined : this.#order[position];
  }

  all(): readonly T[] {
    return this.#order;
  }

  page(params: Params, options: { url: string; where: (item: T) => boolean }): object {
    const limit = params.integer('limit') ?? 10;
    if (limit < 1 || limit > 100) {
      throw invalidRequest({ message: 'Limit must be between 1 and 100.', param: 'limit' });
    }
    const before = params.text('ending_before');
    const found =
      before === null
        ? this.#older(params.text('starting_after'), limit + 1, options.where)
        : this.#newer(before, limit + 1, options.where);
    const data = found.slice(0, limit);
    if (before !== null) data.reverse();
    return { object: 'list', url: options.url, has_more: found.length > limit, data };
  }

  #cursor(id: string, param: string): number {
    const position = this.#position.get(id);
    if (position !== undefined) return position;
    throw invalidRequest({ code: 'resource_missing', message: `No such object: '${id}'`, param });
  }

  #older(after: string | null, most: number, where: (item: T) => boolean): T[] {
    const found: T[] = [];
    const start = after === null ? this.#order.length : this.#cursor(after, 'starting_after');
    for (let at = start - 1; at >= 0 && found.length < most; at -= 1) {
      const item = this.#order[at];
      if (item !== undefined && where(item)) found.push(item);
    }
    return found;
  }

  #newer(before: string, most: number, where: (item: T) => boolean): T[] {
    const found: T[] = [];
    const start = this.#cursor(before, 'ending_before') + 1;
    for (let at = start; at < this.#order.length && found.length < most; at += 1) {
      const item = this.#order[at];
      if (item !== undefined && where(item)) found.push(item);
    }
    return found;
  }
}
