import { Redis } from 'ioredis';
import type { ServerAddress } from '../../application/ports/server-address';
import { redisTls } from './redis-tls';

export interface CacheInspection {
  /** Such as `Redis 7.0.15`. */
  readonly product: string;
  /** A replica takes no writes. */
  readonly isReplica: boolean;
}

const limitMs = 4_000;

/** Looks at the server once. @throws when it cannot be reached or refuses */
export async function inspectCache(address: ServerAddress): Promise<CacheInspection> {
  const client = new Redis(address.url, {
    ...redisTls(address),
    lazyConnect: true,
    enableOfflineQueue: false,
    connectTimeout: limitMs,
    commandTimeout: limitMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The first failure says why; connect() itself only says that the connection is closed.
  let reason: Error | undefined;
  client.on('error', (error: Error) => {
    reason ??= error;
  });
  try {
    await client.connect();
    const info = await client.info();
    return {
      product: `Redis ${fieldOf(info, 'redis_version') ?? 'of an unknown version'}`,
      isReplica: fieldOf(info, 'role') === 'slave',
    };
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
}
