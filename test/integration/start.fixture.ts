import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CHILDREN, readRecord } from '../../dev/ensure/stacks.cjs';
import { compiled, DATA, ROOT } from '../../dev/stack/folders';
import { ProcessTable } from '../../dev/stack/processes';
import { isolatedEnvironment } from '../../dev/testing/environment';
import { createTestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import {
  fromStack,
  testNamespace,
  testRedisPrefix,
  uniqueName,
} from '../support/stack-environment';
import { createTestVhost } from '../support/vhost';

/** `npm start` on the servers of the test stack, so that only our own processes are started. */
export async function startLauncher() {
  const [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
  const children = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN);
  const own = path.join(children, uniqueName('npm'));
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'database-url'), `${database.url}\n`);
  const folder = path.join(children, uniqueName('start'));
  const relayQueue = uniqueName('relay');
  const given = {
    PAYSAGA_STACK: path.relative(DATA, folder),
    DATABASE_URL_FILE: path.join(own, 'database-url'),
    RABBITMQ_URL: vhost.url,
    REDIS_URL: fromStack('REDIS_URL'),
    REDIS_KEY_PREFIX: testRedisPrefix(),
    TEMPORAL_ADDRESS: fromStack('TEMPORAL_ADDRESS'),
    TEMPORAL_NAMESPACE: testNamespace(),
    SAGA_TASK_QUEUE: uniqueName('saga'),
    RELAY_TASK_QUEUE: relayQueue,
  };
  const launcher = new ProcessTable(own, true).spawn({
    name: 'npm-start',
    command: process.execPath,
    args: [compiled('dev/start.js'), '--migrate'],
    cwd: ROOT,
    env: isolatedEnvironment(process.env, given),
    stopDeadlineMs: 60_000,
  });
  const said = () => readFileSync(launcher.logFile, 'utf8');
  await eventually(() => expect(said()).toContain('Ready after'), { timeoutMs: 60_000 });
  return {
    launcher,
    said,
    relayQueue,
    /** A shell in this clone that knows of the stack no more than where it is. */
    shellEnvironment: isolatedEnvironment(process.env, { PAYSAGA_STACK: given.PAYSAGA_STACK }),
    /** The living processes of the service, by their names. */
    pids: () =>
      new Map(readRecord(folder)?.processes.map(({ name, pid }) => [name, pid] as const) ?? []),
    async close() {
      await launcher.stop();
      await Promise.all([database.drop(), vhost.drop()]);
    },
  };
}
