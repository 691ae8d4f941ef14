import { Client } from 'pg';
import type { ClientConfig } from 'pg';

/**
 * Takes a database URL apart into the fields that Postgres clients share.
 * The session runs in UTC: Prisma's adapter reads and writes timestamps without their offset, so
 * that in any other zone every time would be shifted by it.
 */
export function connectionOptions(databaseUrl: string): ClientConfig {
  // Constructing a client parses the URL and opens nothing.
  const parsed = new Client({ connectionString: databaseUrl });
  return {
    host: parsed.host,
    port: parsed.port,
    ...(parsed.user === undefined ? {} : { user: parsed.user }),
    ...(parsed.password === undefined ? {} : { password: parsed.password }),
    ...(parsed.database === undefined ? {} : { database: parsed.database }),
    ...(parsed.ssl ? { ssl: parsed.ssl } : {}),
    options: '-c TimeZone=UTC',
  };
}
