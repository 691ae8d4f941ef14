import { Redis } from 'ioredis';
import type { Log } from '../../application/ports/log';
import type { ServerAddress } from '../../application/ports/server-address';
import { redisTls } from './redis-tls';

export interface RedisConnection {
  readonly client: Redis;
  close(): Promise<void>;
}

// Redis only saves a query of a few milliseconds, so waiting longer for it than that costs more
// than it can gain.
const commandTimeoutMs = 100;
const longestReconnectMs = 2_000;

/** Connects in the background and for ever; commands fail at once while there is no connection. */
export function connectRedis(
  options: ServerAddress & {
    readonly log: Log;
    readonly commandTimeoutMs?: number;
  },
): RedisConnection {
  const client = new Redis(options.url, {
    ...redisTls(options),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: options.commandTimeoutMs ?? commandTimeoutMs,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), longestReconnectMs),
  });
  let healthy = true;
  client.on('ready', () => {
    healthy = true;
  });
  client.on('error', (error) => {
    // Each reconnect fails the same way; the first says it all.
    if (healthy) options.log.warn({ error: error.message }, 'Redis is away; answering without it');
    healthy = false;
  });
  return {
    client,
    close: () => {
      // QUIT would wait for a frozen server; nothing that matters is buffered.
      client.disconnect();
      return Promise.resolve();
    },
  };
}
