import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lock, tryLock } from './lock.cjs';
import { identify } from './process-identity.cjs';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'paysaga-lock-'));
  file = path.join(folder, 'held');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a held lock names its holder, and is free after its release', () => {
  const first = tryLock(file);
  expect(tryLock(file)).toEqual({ holder: identify(process.pid) });
  if ('release' in first) first.release();
  expect(existsSync(file)).toBe(false);
  expect(tryLock(file)).toHaveProperty('release');
});

test.each([
  ['a holder that was killed', JSON.stringify({ pid: process.pid, startTime: 'earlier' })],
  ['half a line', '{"pid": 1'],
])('a lock left by %s is taken over, without litter', (_name, content) => {
  writeFileSync(file, content);
  expect(tryLock(file)).toHaveProperty('release');
  expect(readdirSync(folder)).toEqual(['held']);
});

test('waiting says once for whom, and gives up at the deadline', async () => {
  tryLock(file);
  const onWait = jest.fn();
  await expect(lock(file, { deadlineMs: 150, onWait })).rejects.toThrow(
    `still held by process ${process.pid}`,
  );
  expect(onWait).toHaveBeenCalledTimes(1);
});
