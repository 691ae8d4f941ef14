import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { outboxRelayWorkflowId } from '../../contracts/workflow-names';
import { CHILDREN, readRecord } from '../../dev/ensure/stacks.cjs';
import { DATA, ROOT } from '../../dev/stack/folders';
import { Stack } from '../../dev/stack/stack';
import { eventually } from '../support/eventually';
import { ShellSession } from '../support/guides/shell';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { startLauncher } from './start.fixture';

const commandMs = 30_000;
const payment = `curl -s "$API_URL/v1/payments" -H "Authorization: Bearer $API_KEY" \
  -H 'Content-Type: application/json' -H "Idempotency-Key: start-$RANDOM$RANDOM" -H 'Prefer: wait=10' \
  -d '{"amount": 1250, "currency": "EUR", "payment_method": "pm_card_visa"}'`;

let started: Awaited<ReturnType<typeof startLauncher>>;
let shell: ShellSession;
let logs: string;

beforeAll(async () => {
  started = await startLauncher();
  logs = mkdtempSync(path.join(os.tmpdir(), 'paysaga-start-'));
  shell = new ShellSession({ env: started.shellEnvironment, cwd: ROOT });
  await run('eval "$(npm run -s stack:env)"');
}, 90_000);

afterAll(async () => {
  await shell?.close();
  await started?.close();
  rmSync(logs, { recursive: true, force: true });
  const connection = await Connection.connect({ address: fromStack('TEMPORAL_ADDRESS') });
  const temporal = new Client({ connection, namespace: testNamespace() });
  const id = `${outboxRelayWorkflowId(0)}:${started.relayQueue}`;
  await temporal.workflow
    .getHandle(id)
    .terminate()
    .catch(() => undefined);
  await connection.close();
}, 90_000);

async function run(command: string): Promise<string> {
  const { output, code } = await shell.run(command, commandMs);
  if (code !== 0) throw new Error(`${command} ends with ${code}: ${output}`);
  return output;
}

test('npm start uses an address that comes as a file, and takes payments on it', async () => {
  expect(await run(payment)).toContain('"status":"succeeded"');
});

test('after stack:env the doctor looks at everything and finds nothing', async () => {
  const lines = (await run('npm run doctor')).split('\n');
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(lines.map((line) => line.replace(/^ok +([^:]+):.*$/, '$1'))).toEqual(
    expect.arrayContaining(['stripe', 'stripe clock', 'webhook secret', 'flags']),
  );
  expect(await run('npm run phase -- --check')).toContain('has 1 consumer(s)');
});

test('after stack:env one more process of each kind comes up beside those that run', async () => {
  const scripts = ['worker:commands', 'worker:outbox', 'api'];
  const logOf = (script: string) => path.join(logs, script);
  await run(scripts.map((script) => `npm run ${script} >${logOf(script)} 2>&1 &`).join(' '));
  const isReady = async (script: string) => {
    const url = /"url":"([^"]+)"/.exec(readFileSync(logOf(script), 'utf8'))?.[1];
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  };
  const patience = { timeoutMs: commandMs, intervalMs: 100 };
  await Promise.all(scripts.map((script) => eventually(() => isReady(script), patience)));
  expect(await run('npm run phase -- --check')).toContain('has 2 consumer(s)');
}, 60_000);

test('a process that ends is started again, and the others do not notice', async () => {
  const before = started.pids();
  expect([...before.keys()].toSorted()).toEqual([
    'api',
    'sandbox',
    'worker-commands',
    'worker-outbox',
  ]);
  for (const pid of before.values()) process.kill(pid, 'SIGKILL');
  await eventually(() => {
    const now = started.pids();
    for (const [name, pid] of before) expect(now.get(name) ?? pid).not.toBe(pid);
  });
  for (const name of before.keys()) {
    expect(started.said()).toContain(`${name} ended by SIGKILL; started again in 0.25 s`);
  }
  await eventually(async () => expect(await run(payment)).toContain('"status":"succeeded"'), {
    timeoutMs: 60_000,
  });
}, 90_000);

test('npm start ends with 0 when it is told to', async () => {
  await started.launcher.stop();
  expect(await started.launcher.exited).toEqual({ code: 0, signal: null });
}, 60_000);

test('a private server that ends by itself stops what stands on it', async () => {
  const folder = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN, uniqueName('broken'));
  const name = path.relative(DATA, folder);
  const stack = await Stack.prepare({
    name,
    parts: ['redis'],
    persist: false,
    say: () => undefined,
  });
  await stack.start();
  const broken = stack.untilBroken();
  process.kill(readRecord(folder)?.processes[0]?.pid ?? 0, 'SIGKILL');
  expect(await broken).toContain('redis ended by itself');
  await stack.stop();
});
