import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createLeaseStore } from '../../adapters/postgres/outbox-lease';
import { createOutboxStore } from '../../adapters/postgres/outbox-store';
import { createOutboxWakeUp } from '../../adapters/postgres/outbox-wake-up';
import { createPublisher } from '../../adapters/rabbitmq/publisher';
import type { Log } from '../../application/ports/log';
import { Relay } from '../../application/relay/relay';
import type { RelaySettings } from '../../application/relay/settings';
import { exchanges } from '../../contracts/topology';
import { createTestDatabase } from './database';
import { silentRelayMetrics } from './silent-metrics';
import { createTestVhost } from './vhost';

export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export const testRelaySettings: RelaySettings = {
  shard: 0,
  window: 500,
  batch: 2_000,
  pollMs: 200,
  markEveryMs: 5,
  markBatch: 1_000,
  maxAttempts: 5,
  retryInitialMs: 20,
  retryMaxMs: 100,
  leaseMs: 6_000,
  renewEveryMs: 2_000,
  stopGraceMs: 5_000,
  skipDeadTypes: [],
};

export interface RelayWorld {
  readonly databaseUrl: string;
  readonly brokerUrl: string;
  readonly sql: Client;
  /** A relay of its own process' kind, with its own connections; closed with the world. */
  newRelay(settings?: Partial<RelaySettings>): { relay: Relay; close(): Promise<void> };
  manage(path: string, init?: RequestInit): Promise<unknown>;
  close(): Promise<void>;
}

/** A database and a virtual host of the test's own; the virtual host may be on a private broker. */
export async function createRelayWorld(brokerUrl?: string): Promise<RelayWorld> {
  const [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
  const usedBrokerUrl = brokerUrl ?? vhost.url;
  const sql = new Client({ connectionString: database.url });
  await sql.connect();
  const closers: (() => Promise<void>)[] = [];
  return {
    databaseUrl: database.url,
    brokerUrl: usedBrokerUrl,
    sql,
    newRelay(settings = {}) {
      const built = buildRelay({ databaseUrl: database.url, brokerUrl: usedBrokerUrl, settings });
      closers.push(built.close);
      return built;
    },
    manage: vhost.manage,
    async close() {
      await Promise.all(closers.map((close) => close()));
      await sql.end();
      await Promise.all([database.drop(), vhost.drop()]);
    },
  };
}

function buildRelay(options: {
  readonly databaseUrl: string;
  readonly brokerUrl: string;
  readonly settings: Partial<RelaySettings>;
}) {
  const database = { databaseUrl: options.databaseUrl, log: quietLog };
  const store = createOutboxStore(database);
  const leases = createLeaseStore(database);
  const wakeUp = createOutboxWakeUp(database);
  const broker = createPublisher({ url: options.brokerUrl, name: 'test-relay', log: quietLog });
  const relay = new Relay({
    store,
    leases,
    wakeUp,
    broker,
    owner: randomUUID(),
    settings: { ...testRelaySettings, ...options.settings },
    log: quietLog,
    metrics: silentRelayMetrics,
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    await relay.close();
    await broker.close();
    await Promise.all([store.close(), leases.close(), wakeUp.close()]);
  };
  return { relay, close: () => (closing ??= closeAll()) };
}

export interface NewRow {
  readonly payment: string;
  readonly version?: number;
  readonly exchange?: string;
  readonly routingKey?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Inserts rows in the given order, in one statement, and returns their ids. */
export async function insertRows(sql: Client, rows: readonly NewRow[]): Promise<string[]> {
  const filled = rows.map((row) => ({
    id: randomUUID(),
    aggregate_id: row.payment,
    aggregate_version: row.version ?? null,
    type: row.type ?? 'payment.created.v1',
    exchange: row.exchange ?? exchanges.events,
    routing_key: row.routingKey ?? 'payment.created.v1',
    payload: { payment: row.payment, version: row.version ?? null },
    headers: row.headers ?? {},
  }));
  await sql.query(
    `INSERT INTO outbox_events
       (id, aggregate_id, aggregate_version, type, exchange, routing_key, payload, headers)
     SELECT id, aggregate_id, aggregate_version, type, exchange, routing_key, payload, headers
       FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS
            (id uuid, aggregate_id text, aggregate_version int, type text, exchange text,
             routing_key text, payload jsonb, headers jsonb)) WITH ORDINALITY
      ORDER BY ordinality`,
    [JSON.stringify(filled)],
  );
  return filled.map((row) => row.id);
}

export interface RowState {
  readonly attempts: number;
  readonly last_error: string | null;
  readonly published: boolean;
  readonly dead: boolean;
}

export async function rowState(sql: Client, id: string): Promise<RowState> {
  const { rows } = await sql.query<RowState>(
    `SELECT attempts, last_error, published_at IS NOT NULL AS published, dead_at IS NOT NULL AS dead
       FROM outbox_events WHERE id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`no outbox row ${id}`);
  return row;
}

/** Rows that were refused at least once. */
export async function attemptedCount(sql: Client): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM outbox_events WHERE attempts > 0`,
  );
  return rows[0]?.n ?? -1;
}

/** Rows neither published nor dead. */
export async function pendingCount(sql: Client): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM outbox_events WHERE published_at IS NULL AND dead_at IS NULL`,
  );
  return rows[0]?.n ?? -1;
}
