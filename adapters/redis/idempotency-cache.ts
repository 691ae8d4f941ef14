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

const pauseMs = 1_000;

/** Keeps final answers in Redis. An unreadable entry counts as none. */
export function createIdempotencyCache(options: IdempotencyCacheOptions): IdempotencyCache {
  const circuit = createCircuit({ pauseMs, log: options.log });
  const keyOf = (scope: IdempotencyScope) => `${options.keyPrefix}idempotency:${digest(scope)}`;
  return {
    get: async (scope) => {
      const text = await circuit(() => options.client.get(keyOf(scope)));
      return text === null ? null : readEntry(text, digest(scope));
    },
    put: async (scope, cached) => {
      // The entry names its scope too, so that one under a wrong key is not taken for another's.
      const entry = { ...cached, scope: digest(scope) };
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

function readEntry(text: string, scope: string): CachedAnswer | null {
  try {
    const entry: unknown = JSON.parse(text);
    return isEntry(entry) && entry.scope === scope ? entry : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is CachedAnswer & { readonly scope: string } {
  if (!isRecord(value) || !isRecord(value['answer'])) return false;
  const { statusCode, headers, body } = value['answer'];
  return (
    typeof value['scope'] === 'string' &&
    typeof value['bodySha256'] === 'string' &&
    typeof statusCode === 'number' &&
    typeof body === 'string' &&
    isRecord(headers) &&
    Object.values(headers).every((header) => typeof header === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
