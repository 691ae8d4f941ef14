import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { identify, isAlive } from './process-identity.cjs';
import { clearStaleStacks, readRecord, runningStacks, writeRecord } from './stacks.cjs';

const gone = { pid: process.pid, startTime: 'earlier' };
let root: string;
let child: ChildProcess;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'paysaga-stacks-'));
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
});

afterEach(() => {
  child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const record = (name: string, launcher: typeof gone, ephemeral = false): string => {
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true });
  const part = { name: 'part', stopSignal: 'SIGTERM' as const, stopDeadlineMs: 5000 };
  writeRecord(folder, {
    launcher,
    ephemeral,
    processes: [{ ...part, ...identify(child.pid!) }],
  });
  return folder;
};

test('what a killed launcher left running is ended, and its data kept', async () => {
  const folder = record('dev', gone);
  const left = identify(child.pid!);
  const said: string[] = [];
  await clearStaleStacks(root, (line) => said.push(line));
  expect(isAlive(left)).toBe(false);
  expect(readRecord(folder)).toBeUndefined();
  expect(existsSync(folder)).toBe(true);
  expect(said).toEqual(['clearing 1 process(es) left by an earlier dev stack']);
});

test('the folder of a stack that was never meant to be kept goes with it', async () => {
  const folder = record('test-1', gone, true);
  await clearStaleStacks(root, () => undefined);
  expect(existsSync(folder)).toBe(false);
});

test('what a test process left running is ended with its stack', async () => {
  record('test-1/children/jest', gone, true);
  const left = identify(child.pid!);
  const folder = path.join(root, 'test-1');
  writeRecord(folder, { launcher: gone, ephemeral: true, processes: [] });
  await clearStaleStacks(root, () => undefined);
  expect(isAlive(left)).toBe(false);
});

test('the stack of a living launcher is left alone', async () => {
  record('dev', identify(process.pid));
  await clearStaleStacks(root, () => undefined);
  expect(isAlive(identify(child.pid!))).toBe(true);
  expect(runningStacks(root)).toEqual([{ name: 'dev', launcher: identify(process.pid) }]);
});
