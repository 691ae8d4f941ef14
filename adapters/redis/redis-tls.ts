import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';
import type { ServerAddress } from '../../application/ports/server-address';

/** The client's TLS settings for an address; none for one that is not encrypted. */
export function redisTls({ url, tls }: ServerAddress): Pick<RedisOptions, 'tls'> {
  if (!url.startsWith('rediss://')) return {};
  const { hostname } = new URL(url);
  // Servers that share one address tell each other apart by this name; digits are not allowed in it.
  return { tls: { ...tls, ...(isIP(hostname) === 0 ? { servername: hostname } : {}) } };
}
