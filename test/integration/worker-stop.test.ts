import { startSandbox } from '../../sandbox/server';
import type { RunningSandbox } from '../../sandbox/server';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startProcess } from '../support/process';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { startTcpProxy } from '../support/tcp-proxy';
import type { TcpProxy } from '../support/tcp-proxy';
import { createTestVhost } from '../support/vhost';
import type { TestVhost } from '../support/vhost';

let database: TestDatabase;
let vhost: TestVhost;
let sandbox: RunningSandbox;

beforeAll(async () => {
  [database, vhost, sandbox] = await Promise.all([
    createTestDatabase(),
    createTestVhost(),
    startSandbox(),
  ]);
});
afterAll(async () => {
  await sandbox?.close();
  await Promise.all([database?.drop(), vhost?.drop()]);
});

function start(entry: string, temporal: TcpProxy) {
  return startProcess({
    entry,
    portVariable: entry === 'workers/outbox.js' ? 'WORKER_OUTBOX_PORT' : 'WORKER_COMMANDS_PORT',
    env: {
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      RABBITMQ_URL: vhost.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: testNamespace(),
      SAGA_TASK_QUEUE: uniqueName('saga'),
      RELAY_TASK_QUEUE: uniqueName('relay'),
      WORKFLOW_BUNDLE_PATH: fromStack('WORKFLOW_BUNDLE_PATH'),
      STRIPE_API_KEY: 'sk_test_worker',
      STRIPE_API_URL: sandbox.url,
      // A poller waits for its server for so long, and here that is all there is to wait for.
      SHUTDOWN_GRACE_MS: '2000',
    },
  });
}

test.concurrent.each([
  ['workers/commands.js', 'is gone', 'cut'],
  ['workers/commands.js', 'is frozen', 'freeze'],
  ['workers/outbox.js', 'is gone', 'cut'],
  ['workers/outbox.js', 'is frozen', 'freeze'],
] as const)(
  '%s that is stopped while Temporal %s exits 0, and in time',
  async (entry, _, fault) => {
    const wire = await startTcpProxy(fromStack('TEMPORAL_ADDRESS'));
    const worker = await start(entry, wire);
    wire[fault]();
    // By then calls of the library wait to be repeated, and must not be once it is closed.
    await eventually(async () => expect((await fetch(`${worker.url}/readyz`)).status).toBe(503), {
      timeoutMs: 20_000,
    });
    const stoppedAtMs = performance.now();
    process.kill(worker.pid, 'SIGTERM');
    const ended = await worker.exited;
    expect(performance.now() - stoppedAtMs).toBeLessThan(7_000);
    await wire.close();
    expect(ended).toEqual({ code: 0, signal: null });
  },
  60_000,
);
