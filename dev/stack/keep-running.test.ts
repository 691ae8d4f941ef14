import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keepRunning } from './keep-running';
import { type ManagedProcess, ProcessTable } from './processes';

let folder: string;
let table: ProcessTable;
let started: ManagedProcess[];
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'paysaga-kept-'));
  table = new ProcessTable(folder, true);
  started = [];
  said = [];
});

afterEach(async () => {
  table.close();
  await table.stopRest();
  rmSync(folder, { recursive: true });
});

/** Keeps a process of this code running, and notes each that was started. */
function keep(code: string): Promise<string> {
  const again = () => {
    const next = table.spawn({
      name: 'worker',
      command: process.execPath,
      args: ['-e', code],
      env: {},
    });
    started.push(next);
    return next;
  };
  return keepRunning(again(), { again, say: (line) => said.push(line), firstPauseMs: 1 });
}

const untilSaid = async (count: number): Promise<void> => {
  while (said.length < count || started.length <= count) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

test('a process that was killed is started again, and one line tells it', async () => {
  void keep('setInterval(() => {}, 1000)');
  process.kill(started[0]?.pid ?? 0, 'SIGKILL');
  await untilSaid(1);
  expect(said).toEqual([
    expect.stringMatching(/^worker ended by SIGKILL; started again in 0\.001 s/),
  ]);
  expect(started.map((each) => each.isRunning())).toEqual([false, true]);
});

test('a process that keeps failing is given up the fifth time, with its own words', async () => {
  const told = await keep(`console.error('no such setting'); process.exit(3)`);
  expect(told).toMatch(
    /^worker ended 5 times within a minute, the last time with exit code 3:\n(no such setting\n?)+$/,
  );
  expect([started.length, said.length]).toEqual([5, 4]);
});

test('a process that was stopped on purpose stays so', async () => {
  void keep('setInterval(() => {}, 1000)');
  await started[0]?.stop();
  await new Promise(setImmediate);
  expect([started.length, said]).toEqual([1, []]);
});
