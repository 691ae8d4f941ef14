import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import type { ClientTls, DatabaseAddress } from '../../application/ports/server-address';

/**
 * Takes a database's address apart into the fields that Postgres clients share.
 * The session runs in UTC: Prisma's adapter reads and writes timestamps without their offset, so
 * that in any other zone every time would be shifted by it.
 */
export function connectionOptions({ databaseUrl, tls }: DatabaseAddress): ClientConfig {
  // Constructing a client parses the URL and opens nothing.
  const parsed = new Client({ connectionString: databaseUrl });
  return {
    host: parsed.host,
    port: parsed.port,
    ...(parsed.user === undefined ? {} : { user: parsed.user }),
    ...(parsed.password === undefined ? {} : { password: parsed.password }),
    ...(parsed.database === undefined ? {} : { database: parsed.database }),
    ...ssl(parsed, tls),
    options: '-c TimeZone=UTC',
  };
}

function ssl(parsed: Client, tls: ClientTls | undefined): Pick<ClientConfig, 'ssl'> {
  if (tls === undefined) return parsed.ssl ? { ssl: parsed.ssl } : {};
  // The library names no host for an address of digits, and TLS would then expect "localhost".
  return { ssl: { ...tls, host: parsed.host, rejectUnauthorized: true } };
}
