import { Client } from 'pg';
import type { DatabaseAddress } from '../../application/ports/server-address';
import { connectionOptions } from './connection-options';
import { migrationNames } from './migrate';

export interface DatabaseInspection {
  /** Such as `PostgreSQL 18.4`. */
  readonly product: string;
  migrations(): Promise<MigrationLevel>;
  /** How far the server's clock is ahead of this machine's, in milliseconds. */
  clockOffsetMs(): Promise<number>;
  close(): Promise<void>;
}

export interface MigrationLevel {
  readonly applied: number;
  /** Known to this program and not in the database. */
  readonly missing: readonly string[];
  /** Begun and neither finished nor rolled back. */
  readonly failed: readonly string[];
  /** In the database and not known to this program: the program is the older one. */
  readonly unknown: readonly string[];
}

const limitMs = 4_000;

/** One connection to look at the database with. @throws when it cannot be reached or refuses */
export async function inspectDatabase(address: DatabaseAddress): Promise<DatabaseInspection> {
  const client = new Client({
    ...connectionOptions(address),
    application_name: 'paysaga-doctor',
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
  });
  // Without a listener a server that goes away during the look would end the process.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  return {
    product: `PostgreSQL ${rows[0]?.server_version ?? 'of an unknown version'}`,
    migrations: () => migrationLevel(client),
    clockOffsetMs: () => clockOffset(client),
    close: () => client.end().catch(() => undefined),
  };
}

interface MigrationRow {
  readonly name: string;
  readonly finished: boolean;
}

async function migrationLevel(client: Client): Promise<MigrationLevel> {
  const known = await migrationNames();
  const rows = await migrationRows(client);
  const finished = rows.filter((row) => row.finished).map((row) => row.name);
  const unfinished = rows.filter((row) => !row.finished).map((row) => row.name);
  return {
    applied: finished.length,
    missing: known.filter((name) => !finished.includes(name) && !unfinished.includes(name)),
    failed: unfinished.filter((name) => !finished.includes(name)),
    unknown: finished.filter((name) => !known.includes(name)),
  };
}

async function migrationRows(client: Client): Promise<readonly MigrationRow[]> {
  const table = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`,
  );
  if (table.rows[0]?.exists !== true) return [];
  const { rows } = await client.query<MigrationRow>(
    `SELECT migration_name AS name, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows;
}

async function clockOffset(client: Client): Promise<number> {
  const askedAtMs = Date.now();
  const { rows } = await client.query<{ now_ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms',
  );
  // The server looked at its clock somewhere between question and answer.
  const middleMs = (askedAtMs + Date.now()) / 2;
  return Math.round((rows[0]?.now_ms ?? Number.NaN) - middleMs);
}
