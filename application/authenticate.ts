import { createHash } from 'node:crypto';
import type { Scope } from '../contracts/api-payment';
import { RequestRefused } from './errors';
import type { ApiKeyReader, ApiKeyRecord } from './ports/api-key-reader';
import type { RateLimiter } from './ports/rate-limiter';
import type { Clock } from './ports/system';

/** Who calls, and what the key allows. */
export interface Caller {
  readonly merchantId: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
}

/** `address`: where the request came from, to count by. */
export type Authenticate = (secret: string, address: string) => Promise<Caller>;

// A revoked key is refused by every process within this time.
const cacheMs = 5_000;
// Bounds the memory that made-up keys can take; only keys that exist are kept.
const mostCached = 10_000;

/**
 * Finds the caller by the SHA-256 of the key, and remembers it for five seconds, so that the
 * look-up is not a second round trip for each request.
 * Keys never seen before are looked up so often only for each address: made-up ones would otherwise
 * cost a query each. Keys that were seen are not counted, so that whoever shares an address with such
 * a caller goes on.
 * The result throws RequestRefused `unauthenticated` for unknown, expired and revoked keys, and
 * `rate_limited`.
 */
export function createAuthenticate(deps: {
  readonly keys: ApiKeyReader;
  readonly clock: Clock;
  /** By address. */
  readonly strangers: RateLimiter;
}): Authenticate {
  const known = new Map<string, { record: ApiKeyRecord; readAt: number }>();

  const lookUp = async (sha256: string, address: string): Promise<ApiKeyRecord | null> => {
    const cached = known.get(sha256);
    if (cached && performance.now() - cached.readAt < cacheMs) return cached.record;
    if (!cached) await refuseFlood(deps.strangers, address);
    const record = await deps.keys.findBySha256(sha256);
    if (known.size >= mostCached) known.clear();
    if (record === null) known.delete(sha256);
    else known.set(sha256, { record, readAt: performance.now() });
    return record;
  };

  return async (secret, address) => {
    const record = await lookUp(createHash('sha256').update(secret).digest('hex'), address);
    if (record === null || !isLive(record, deps.clock.now())) {
      throw new RequestRefused('unauthenticated');
    }
    return { merchantId: record.merchantId, keyId: record.id, scopes: record.scopes };
  };
}

async function refuseFlood(strangers: RateLimiter, address: string): Promise<void> {
  const { isAllowed, resetSeconds } = await strangers.take(address);
  if (!isAllowed) throw new RequestRefused('rate_limited', { retryAfterSeconds: resetSeconds });
}

function isLive(record: ApiKeyRecord, now: Date): boolean {
  return record.revokedAt === null && (record.expiresAt === null || record.expiresAt > now);
}
