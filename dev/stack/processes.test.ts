import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isAlive, identify } from '../ensure/process-identity.cjs';
import { readRecord } from '../ensure/stacks.cjs';
import { type ProcessSpec, ProcessTable, untilHealthy } from './processes';

let folder: string;
let table: ProcessTable;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'paysaga-processes-'));
  table = new ProcessTable(folder, true);
});

afterEach(async () => {
  await table.stopRest();
  rmSync(folder, { recursive: true });
});

const script = (code: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name: 'part',
  command: process.execPath,
  args: ['-e', code],
  env: {},
  ...more,
});

test('what runs is on record, and off it once it was stopped', async () => {
  const part = table.spawn(script('setInterval(() => {}, 1000)'));
  expect(readRecord(folder)?.processes).toMatchObject([identify(part.pid)]);
  await part.stop();
  expect(part.isRunning()).toBe(false);
  expect(readRecord(folder)?.processes).toEqual([]);
});

test('a process that ignores its stop signal is killed at the deadline', async () => {
  const stubborn = `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`;
  const part = table.spawn(script(stubborn, { stopDeadlineMs: 100 }));
  const identity = identify(part.pid);
  await part.stop();
  expect(isAlive(identity)).toBe(false);
  expect((await part.exited).signal).toMatch(/SIGKILL|SIGTERM/);
});

test('a process that ends while starting fails at once, with its own words', async () => {
  const part = table.spawn(script(`console.error('no such setting'); process.exit(3)`));
  const check = () => Promise.reject(new Error('not yet'));
  await expect(untilHealthy(part, { check, deadlineMs: 10_000 })).rejects.toThrow(
    /part ended while starting:\nno such setting/,
  );
});

test('nothing is started any more while the stack is stopping', () => {
  table.close();
  expect(() => table.spawn(script(''))).toThrow('the stack is stopping');
});

test('the first process to end by itself is reported, a stopped one is not', async () => {
  const stopped = table.spawn(script('setInterval(() => {}, 1000)', { name: 'stopped' }));
  const ended = table.spawn(script('setTimeout(() => {}, 300)', { name: 'ended' }));
  const first = table.firstExit();
  await stopped.stop();
  expect((await first).name).toBe(ended.name);
});
