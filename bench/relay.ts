import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { Registry } from 'prom-client';
import { createLeaseStore } from '../adapters/postgres/outbox-lease';
import { createOutboxSignal } from '../adapters/postgres/outbox-signal';
import { createOutboxStore } from '../adapters/postgres/outbox-store';
import { createOutboxWakeUp } from '../adapters/postgres/outbox-wake-up';
import { createPublisher } from '../adapters/rabbitmq/publisher';
import { createLogger } from '../adapters/system/logger';
import { createRelayMetrics } from '../adapters/system/metrics/relay-metrics';
import { Relay } from '../application/relay/relay';
import { loadOutboxWorkerConfig } from '../config';
import { relaySettings } from '../workers/relay-settings';

const drainRows = 40_000;
const latencyRows = 300;

/**
 * Measures the drain (rows waiting, to all marked) and the latency of a lone row (commit to mark)
 * against the database and broker of the environment. Use a database and a broker of its own: it
 * writes outbox rows that belong to no payment, and deletes them afterwards.
 */
async function main(): Promise<void> {
  const config = loadOutboxWorkerConfig(process.env);
  const log = createLogger({ level: 'warn', service: 'bench-relay' });
  const database = { databaseUrl: config.DATABASE_URL, log };
  const sql = new Client({ connectionString: config.DATABASE_URL });
  await sql.connect();
  const broker = createPublisher({ url: config.RABBITMQ_URL, name: 'bench-relay', log });
  const store = createOutboxStore(database);
  const leases = createLeaseStore(database);
  const wakeUp = createOutboxWakeUp(database);
  const signal = createOutboxSignal(database);
  const relay: Relay = new Relay({
    store,
    leases,
    wakeUp,
    broker,
    owner: randomUUID(),
    settings: relaySettings(config),
    log,
    // Measured as it runs in production, its own counting included.
    metrics: createRelayMetrics(new Registry(), () => relay.status()),
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  await insertRows(sql, drainRows);
  await broker.ready(new AbortController().signal);
  console.log(`drain: ${Math.round(await drainRate(relay))} events/s over ${drainRows} rows`);
  const latencies = await lonelyRows(sql, { relay, notify: () => signal.notify() });
  const at = (share: number) => latencies[Math.floor(latencies.length * share)]?.toFixed(1);
  console.log(`insert to mark, one row at a time: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  await relay.close();
  await sql.query(`DELETE FROM outbox_events WHERE aggregate_id LIKE 'bench-relay-%'`);
  await Promise.all([broker.close(), store.close(), leases.close(), wakeUp.close()]);
  await signal.close();
  await sql.end();
}

async function insertRows(sql: Client, count: number): Promise<void> {
  await sql.query(
    `INSERT INTO outbox_events (id, aggregate_id, type, exchange, routing_key, payload, headers)
     SELECT gen_random_uuid(), 'bench-relay-' || n % 5000, 'payment.created.v1', 'payment.events',
            'payment.created.v1',
            jsonb_build_object('specversion', '1.0', 'subject', n, 'data', repeat('x', 400)), '{}'
       FROM generate_series(1, $1) AS n`,
    [count],
  );
}

/** Events a second from the first look at the outbox to the last committed mark. */
async function drainRate(relay: Relay): Promise<number> {
  const startedAtMs = performance.now();
  relay.attach();
  await until(() => relay.status().published >= drainRows);
  return (drainRows * 1_000) / (performance.now() - startedAtMs);
}

/** Sorted milliseconds from the insert's end to the counted mark. */
async function lonelyRows(
  sql: Client,
  { relay, notify }: { readonly relay: Relay; readonly notify: () => void },
): Promise<number[]> {
  const latencies: number[] = [];
  for (let n = 0; n < latencyRows; n += 1) {
    const before = relay.status().published;
    await insertRows(sql, 1);
    const committedAtMs = performance.now();
    notify();
    await until(() => relay.status().published > before);
    latencies.push(performance.now() - committedAtMs);
  }
  return latencies.toSorted((one, other) => one - other);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
