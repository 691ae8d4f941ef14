import { isIPv6 } from 'node:net';
import type { Request } from 'express';

/**
 * The address to count a caller by: that of the connection, or the one a trusted proxy names. Of an
 * IPv6 address the network, because one customer has 2^64 of them.
 */
export function addressOf({ ip = 'unknown' }: Request): string {
  return networkOf(ip);
}

/** @internal */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  // Where `::` stands for groups among the first four, zeros take their place.
  const missing = tail === undefined ? 0 : 8;
  return [...groups, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':');
}
