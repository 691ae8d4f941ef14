import type { Log } from '../../application/ports/log';
import { limitShutdown } from './shutdown';

const silence = new Promise<never>(() => undefined);

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function open() {
  const stopping = new AbortController();
  const exit = jest.fn();
  const error = jest.fn();
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error };
  const limit = limitShutdown({ stop: stopping.signal, limitMs: 1_000, log, exit });
  return { stopping, exit, error, limit };
}

test('a process that cannot close in time names what hung and exits with 1', async () => {
  const { stopping, exit, error, limit } = open();
  await limit.waitFor('a part that closes', Promise.resolve());
  void limit.waitFor('a part that hangs', silence);
  void limit.waitFor('another', silence);
  stopping.abort();
  await jest.advanceTimersByTimeAsync(999);
  expect(exit).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(1);
  expect(exit).toHaveBeenCalledWith(1);
  expect(error).toHaveBeenCalledWith(
    { hung: ['a part that hangs', 'another'], limitMs: 1_000 },
    expect.any(String),
  );
});

test('the time runs only from the signal on', async () => {
  const { exit, limit } = open();
  void limit.waitFor('the working life of the process', silence);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(exit).not.toHaveBeenCalled();
});
