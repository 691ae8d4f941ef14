import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, isAlive, startTicks, startTimeOf } from './process-identity.cjs';

const stat = (name: string, state: string): string =>
  `42 (${name}) ${state} 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 7 0 123456 1000 200 18446`;

test('a command name with spaces and brackets does not shift the start time', () => {
  expect(startTicks(stat('node', 'S'))).toBe('123456');
  expect(startTicks(stat('a) S 9 (b c', 'R'))).toBe('123456');
});

test('a zombie counts as gone', () => {
  expect(startTicks(stat('beam.smp', 'Z'))).toBeUndefined();
  expect(startTicks(stat('beam.smp', 'X'))).toBeUndefined();
});

test('a living process is recognised, and no longer once it has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  const identity = identify(child.pid!);
  expect(isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  expect(startTimeOf(identity.pid)).toBeUndefined();
});

test('another process with the same number is not taken for the one recorded', () => {
  const self = identify(process.pid);
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, startTime: `${self.startTime}0` })).toBe(false);
});
