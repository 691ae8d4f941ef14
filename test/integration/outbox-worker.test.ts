import { Client as TemporalClient, Connection } from '@temporalio/client';
import type { RelayView } from '../../contracts/relay';
import { outboxRelayWorkflowId, queries, signals } from '../../contracts/workflow-names';
import { eventually } from '../support/eventually';
import { startProcess } from '../support/process';
import type { TestProcess } from '../support/process';
import { createRelayWorld, insertRows, pendingCount } from '../support/relay-world';
import type { RelayWorld } from '../support/relay-world';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { startTcpProxy } from '../support/tcp-proxy';

let world: RelayWorld;
let connection: Connection;
let temporal: TemporalClient;
let taskQueue: string;
let workers: TestProcess[];

beforeEach(async () => {
  world = await createRelayWorld();
  connection = await Connection.connect({ address: fromStack('TEMPORAL_ADDRESS') });
  temporal = new TemporalClient({ connection, namespace: testNamespace() });
  taskQueue = uniqueName('relay');
  workers = [];
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
  await supervisor()
    .terminate()
    .catch(() => undefined);
  await connection.close();
  await world.close();
}, 30_000);

const supervisor = () => temporal.workflow.getHandle(`${outboxRelayWorkflowId(0)}:${taskQueue}`);

async function startWorker(
  temporalAddress = fromStack('TEMPORAL_ADDRESS'),
  databaseUrl = world.databaseUrl,
): Promise<TestProcess> {
  const worker = await startProcess({
    entry: 'workers/outbox.js',
    portVariable: 'WORKER_OUTBOX_PORT',
    env: {
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl,
      RABBITMQ_URL: world.brokerUrl,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: testNamespace(),
      RELAY_TASK_QUEUE: taskQueue,
      RELAY_POLL_MS: '200',
      WORKFLOW_BUNDLE_PATH: fromStack('WORKFLOW_BUNDLE_PATH'),
    },
  });
  workers.push(worker);
  return worker;
}

async function published(row: { readonly payment: string; readonly version: number }) {
  await insertRows(world.sql, [row]);
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0), {
    timeoutMs: 15_000,
  });
}

async function leaseOwner(): Promise<string> {
  const { rows } = await world.sql.query<{ owner: string }>(
    `SELECT owner FROM relay_leases WHERE expires_at > clock_timestamp()`,
  );
  const [row] = rows;
  if (!row) throw new Error('nobody holds the lease');
  return row.owner;
}

test('a standby publishes within 10 s after the relaying worker was killed', async () => {
  await startWorker();
  await published({ payment: 'pay_1', version: 1 });
  await startWorker();
  const owner = await eventually(leaseOwner);
  const relaying = workers.find((worker) => owner.includes(`:${worker.pid}:`));
  if (!relaying) throw new Error(`${owner} is none of the workers`);
  await relaying.kill('SIGKILL');
  const killedAtMs = performance.now();
  await published({ payment: 'pay_1', version: 2 });
  const takeoverMs = performance.now() - killedAtMs;
  expect(takeoverMs).toBeLessThan(10_000);
  expect(await leaseOwner()).not.toBe(owner);
});

test('SIGTERM hands over at once and exits 0', async () => {
  const first = await startWorker();
  await published({ payment: 'pay_1', version: 1 });
  await startWorker();
  const stoppedAtMs = performance.now();
  expect(await first.stop()).toBe(0);
  await published({ payment: 'pay_1', version: 2 });
  const handoverMs = performance.now() - stoppedAtMs;
  expect(handoverMs).toBeLessThan(4_000);
});

test('a paused relay publishes nothing until it is resumed', async () => {
  await startWorker();
  await published({ payment: 'pay_1', version: 1 });
  await supervisor().signal(signals.pauseRelay);
  await eventually(async () => {
    expect(await supervisor().query<RelayView>(queries.getRelay)).toMatchObject({
      state: 'paused',
      published: 1,
    });
  });
  await expect(leaseOwner()).rejects.toThrow('nobody holds the lease');
  await insertRows(world.sql, [{ payment: 'pay_1', version: 2 }]);
  expect(await pendingCount(world.sql)).toBe(1);
  await supervisor().signal(signals.resumeRelay);
  await eventually(async () => expect(await pendingCount(world.sql)).toBe(0));
});

test('the redrive signal revives dead rows', async () => {
  await startWorker();
  await insertRows(world.sql, [
    {
      payment: 'pay_1',
      exchange: 'payment.commands',
      routingKey: 'nobody.takes.this',
      headers: { 'paysaga-max-attempts': '1' },
    },
  ]);
  const dead = async () => {
    const { rows } = await world.sql.query(`SELECT 1 FROM outbox_events WHERE dead_at IS NOT NULL`);
    return rows.length;
  };
  await eventually(async () => expect(await dead()).toBe(1));
  await world.sql.query(`UPDATE outbox_events SET routing_key = 'payment.commands.process'`);
  await supervisor().signal(signals.redrive);
  await eventually(async () => {
    expect(await dead()).toBe(0);
    expect(await pendingCount(world.sql)).toBe(0);
  });
});

test('a worker cut off from Temporal goes on publishing, and yields to a pause when it is back', async () => {
  const wire = await startTcpProxy(fromStack('TEMPORAL_ADDRESS'));
  const worker = await startWorker(wire.address);
  await published({ payment: 'pay_1', version: 1 });
  const owner = await leaseOwner();
  wire.cut();
  // The server has given the worker up: by heartbeat timeout the run waits for another one.
  await eventually(
    async () => {
      const { raw } = await supervisor().describe();
      expect(raw.pendingActivities?.[0]?.attempt).toBeGreaterThan(1);
    },
    { timeoutMs: 20_000 },
  );
  await published({ payment: 'pay_1', version: 2 });
  expect(await leaseOwner()).toBe(owner);
  const unready = await fetch(`${worker.url}/readyz`);
  expect(unready.status).toBe(503);
  await supervisor().signal(signals.pauseRelay);
  wire.mend();
  await eventually(() => expect(leaseOwner()).rejects.toThrow('nobody holds the lease'), {
    timeoutMs: 40_000,
    intervalMs: 250,
  });
  await wire.close();
}, 90_000);

test('a worker whose database is frozen is told to stop: it exits in time, and with 0', async () => {
  const address = new URL(world.databaseUrl);
  const proxy = await startTcpProxy(address.host);
  address.host = proxy.address;
  const worker = await startWorker(fromStack('TEMPORAL_ADDRESS'), address.toString());
  await eventually(leaseOwner);
  proxy.freeze();
  const stoppedAtMs = performance.now();
  process.kill(worker.pid, 'SIGTERM');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - stoppedAtMs).toBeLessThan(20_000);
  await proxy.close();
}, 60_000);
