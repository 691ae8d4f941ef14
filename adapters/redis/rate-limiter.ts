import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Log } from '../../application/ports/log';
import type { RateLimiter, RateVerdict } from '../../application/ports/rate-limiter';
import { createCircuit } from './circuit';

interface RateLimit {
  /** Requests in one window. */
  readonly limit: number;
  readonly windowMs: number;
}

const pauseMs = 1_000;

/**
 * The limits of the API: by key for all processes together, by address for each process, because
 * what an address may do without a key costs the process that answers it and nothing else.
 */
export function createRateLimits(options: {
  readonly perKey: number;
  readonly perAddress: number;
  readonly windowMs: number;
  readonly client: Redis;
  readonly keyPrefix: string;
  readonly log: Log;
}) {
  const { windowMs, perKey, perAddress } = options;
  const keyPrefix = `${options.keyPrefix}rate`;
  const byAddress = { limit: perAddress, windowMs };
  return {
    byKey: createRateLimiter({ ...options, limit: perKey, windowMs, keyPrefix }),
    byAddress: createMemoryRateLimiter(byAddress),
    /** Counts keys never seen before, by address. */
    strangers: createMemoryRateLimiter(byAddress),
  };
}

/**
 * Counts in Redis, in one round trip, for all processes together. While Redis is away each process
 * counts for itself, so that the limit is then that of one process.
 */
function createRateLimiter(
  options: RateLimit & {
    readonly client: Redis;
    /** Must differ from that of other limiters. */
    readonly keyPrefix: string;
    readonly log: Log;
  },
): RateLimiter {
  const circuit = createCircuit({ pauseMs, log: options.log });
  const shared = new RateLimiterRedis({
    ...settings(options),
    storeClient: options.client,
    keyPrefix: options.keyPrefix,
    // Who is over the limit is refused from memory until his window ends, and costs Redis nothing.
    inMemoryBlockOnConsumed: options.limit + 1,
  });
  const own = new RateLimiterMemory(settings(options));
  return {
    take: async (subject) =>
      toVerdict(
        (await circuit(() => consume(shared, subject))) ?? (await consume(own, subject)),
        options.limit,
      ),
  };
}

/** Counts in this process alone. */
function createMemoryRateLimiter(options: RateLimit): RateLimiter {
  const own = new RateLimiterMemory(settings(options));
  return { take: async (subject) => toVerdict(await consume(own, subject), options.limit) };
}

function settings({ limit, windowMs }: RateLimit) {
  // Redis keeps the window in whole seconds.
  return { points: limit, duration: Math.ceil(windowMs / 1_000) };
}

interface Counted {
  readonly isAllowed: boolean;
  readonly state: RateLimiterRes;
}

/** @throws when the count could not be made; being over the limit is an answer */
async function consume(limiter: RateLimiterAbstract, subject: string): Promise<Counted> {
  try {
    return { isAllowed: true, state: await limiter.consume(subject) };
  } catch (error) {
    if (error instanceof RateLimiterRes) return { isAllowed: false, state: error };
    throw error;
  }
}

function toVerdict({ isAllowed, state }: Counted, limit: number): RateVerdict {
  const resetSeconds = Math.max(1, Math.ceil(state.msBeforeNext / 1_000));
  return { isAllowed, limit, remaining: Math.max(0, state.remainingPoints), resetSeconds };
}
