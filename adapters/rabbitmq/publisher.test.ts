import type { ChannelModel } from 'amqplib';
import { EventEmitter } from 'node:events';
import type { Log } from '../../application/ports/log';
import { exchanges } from '../../contracts/topology';
import { PublisherSession } from './publisher';

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A confirm channel that takes what it is given and confirms nothing by itself. */
class FakeChannel extends EventEmitter {
  room = true;
  readonly confirms: (() => void)[] = [];
  readonly assertExchange = async () => undefined;
  readonly assertQueue = async () => undefined;
  readonly bindQueue = async () => undefined;

  publish(...[, , , , confirm]: [string, string, Buffer, object, (error: unknown) => void]) {
    this.confirms.push(() => confirm(null));
    return this.room;
  }
}

const confirmTimeoutMs = 10_000;
let channel: FakeChannel;
let session: PublisherSession;
let failed: jest.Mock;

beforeEach(async () => {
  jest.useFakeTimers();
  channel = new FakeChannel();
  failed = jest.fn();
  session = new PublisherSession({ url: 'amqp://none', name: 'test', log, confirmTimeoutMs });
  const model = { createConfirmChannel: async () => channel } as unknown as ChannelModel;
  await session.open(model, failed);
});
afterEach(() => {
  session.stop();
  jest.useRealTimers();
});

const publish = () =>
  session.publish({
    id: 'an-id',
    type: 'payment.created.v1',
    exchange: exchanges.events,
    routingKey: 'payment.created.v1',
    payload: {},
    headers: {},
  });

const unavailable = { kind: 'unavailable', reason: expect.stringContaining('low on memory') };

test('publishing to a blocked broker whose buffer is full answers at once', async () => {
  channel.room = false;
  void publish();
  session.blocked('low on memory');
  expect(await publish()).toEqual(unavailable);
});

test('who waits for room in the buffer hears at once that the broker blocks', async () => {
  channel.room = false;
  void publish();
  const waiting = publish();
  await jest.advanceTimersByTimeAsync(0);
  session.blocked('low on memory');
  expect(await waiting).toEqual(unavailable);
  expect(channel.confirms).toHaveLength(1);
});

test('a message on its way to a broker that blocks is unavailable in time; the session stays', async () => {
  const open = publish();
  session.blocked('low on memory');
  await jest.advanceTimersByTimeAsync(confirmTimeoutMs + 500);
  expect(await open).toEqual(unavailable);
  expect(failed).not.toHaveBeenCalled();

  // The broker reads on: its late confirm finds nobody, and the repeat has one of its own.
  session.unblocked();
  channel.emit('return', { properties: { messageId: 'an-id' }, fields: { routingKey: 'x' } });
  channel.confirms[0]?.();
  const repeated = publish();
  channel.confirms[1]?.();
  expect(await repeated).toEqual({ kind: 'confirmed' });
});

test('a broker that neither blocks nor confirms loses the session', async () => {
  const open = publish();
  await jest.advanceTimersByTimeAsync(confirmTimeoutMs + 500);
  expect((await open).kind).toBe('unavailable');
  expect(failed).toHaveBeenCalledTimes(1);
});
