import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import type { Log } from '../../application/ports/log';
import type { DatabaseAddress } from '../../application/ports/server-address';
import { PrismaClient } from '../../generated/prisma/client';
import { connectionOptions } from './connection-options';

export interface DatabaseConfig extends DatabaseAddress {
  readonly poolSize: number;
  /** Shown in pg_stat_activity, so that an operator sees who holds a connection. */
  readonly applicationName: string;
  readonly log: Log;
  /** The server ends a statement after this long. */
  readonly statementTimeoutMs?: number;
}

/** What a statement needs: the client, or a transaction of it. */
export type Sql = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>;

export interface Database {
  readonly prisma: PrismaClient;
  /** Waits for running statements, then closes the pool. */
  close(): Promise<void>;
}

const statementTimeoutMs = 5_000;
// The client gives up a little after the server, which matters when the server is frozen.
const answerMarginMs = 1_000;
// A caller queues this long for a connection; above it, Postgres counts as unavailable.
const connectionTimeoutMs = 3_000;
// The adapter prepares each distinct statement text once for a connection. Only statements built
// from a list of changing length make more texts, and those are not worth a plan each.
const longestPreparedStatement = 16_000;

/** Opens a pool with bounded waits; connects on first use, so that a process starts without Postgres. */
export function createDatabase(config: DatabaseConfig): Database {
  const limitMs = config.statementTimeoutMs ?? statementTimeoutMs;
  const pool = new Pool({
    ...connectionOptions(config),
    max: config.poolSize,
    application_name: config.applicationName,
    connectionTimeoutMillis: connectionTimeoutMs,
    statement_timeout: limitMs,
    query_timeout: limitMs + answerMarginMs,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  });
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    statementNameGenerator: ({ sql }) => statementName(sql),
    onPoolError: (error) => config.log.warn({ error: error.message }, 'idle connection lost'),
  });
  const prisma = new PrismaClient({ adapter });
  return { prisma, close: () => prisma.$disconnect() };
}

const namesByText = new Map<string, string>();

function statementName(sql: string): string {
  // An empty name is Postgres's unnamed statement: prepared, used once, forgotten.
  if (sql.length > longestPreparedStatement) return '';
  const known = namesByText.get(sql);
  if (known !== undefined) return known;
  const name = `s${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
  if (namesByText.size < 1_000) namesByText.set(sql, name);
  return name;
}
