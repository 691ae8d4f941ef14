import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { CachedAnswer, IdempotencyCache } from '../../application/ports/idempotency-cache';
import type { IdempotencyScope } from '../../application/ports/idempotency-store';
import type { Log } from '../../application/ports/log';
import { createCircuit } from './circuit';

export interface IdempotencyCacheOptions {
  readonly client: Redis;
  readonly keyPrefix: string;
  readonly keepMs: number;
  readonly log: Log;
}

/** Cached with the scope it belongs to: the hash in the key finds it, the scope proves it. */
interface Entry extends CachedAnswer {
  readonly scope: IdempotencyScope;
}

const pauseMs = 1_000;

/** Keeps final answers in Redis. An unreadable entry counts as none. */
export function createIdempotencyCache(options: IdempotencyCacheOptions): IdempotencyCache {
  const circuit = createCircuit({ pauseMs, log: options.log });
  const keyOf = (scope: IdempotencyScope) => `${options.keyPrefix}idempotency:${digest(scope)}`;
  return {
    get: async (scope) => {
      const text = await circuit(() => options.client.get(keyOf(scope)));
      return text === null ? null : readEntry(text, scope);
    },
    put: async (scope, cached) => {
      const entry: Entry = { ...cached, scope };
      await circuit(() =>
        options.client.set(keyOf(scope), JSON.stringify(entry), 'PX', options.keepMs),
      );
    },
  };
}

function digest({ merchantId, method, path, key }: IdempotencyScope): string {
  return createHash('sha256')
    .update(JSON.stringify([merchantId, method, path, key]))
    .digest('hex');
}

function readEntry(text: string, scope: IdempotencyScope): CachedAnswer | null {
  try {
    const entry = JSON.parse(text) as Entry;
    if (digest(entry.scope) !== digest(scope)) return null;
    const { bodySha256, answer } = entry;
    const complete =
      typeof bodySha256 === 'string' &&
      typeof answer.body === 'string' &&
      typeof answer.statusCode === 'number';
    return complete ? { bodySha256, answer } : null;
  } catch {
    return null;
  }
}
