import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Log } from '../../application/ports/log';
import { eventually } from '../../test/support/eventually';
import { OutboxConnection } from './outbox-connection';
import { createOutboxWakeUp } from './outbox-wake-up';

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let server: Server;
let sockets: Socket[];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** @returns the address of a server that does `onConnection` to each connection */
async function serve(onConnection: (socket: Socket) => void): Promise<string> {
  sockets = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined));
    onConnection(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `postgresql://nobody@127.0.0.1:${address.port}/none`;
}

const authenticated = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

test('closing takes seconds at most although Postgres is frozen and never says goodbye', async () => {
  // Speaks once, to let the client in, and never again.
  const databaseUrl = await serve((socket) => {
    socket.once('data', () => socket.write(Buffer.concat([authenticated, readyForQuery])));
  });
  const connection = new OutboxConnection({ databaseUrl, applicationName: 'test', log });
  await connection.connected();
  await connection.close();
  await eventually(() => expect(sockets.every((socket) => socket.readableEnded)).toBe(true));
});

test('closing does not wait for a connection that is not open yet', async () => {
  const databaseUrl = await serve((socket) => void socket.resume());
  const connection = new OutboxConnection({ databaseUrl, applicationName: 'test', log });
  const opening = connection.connected();
  const refusal = opening.catch((error: Error) => error.message);
  await eventually(() => expect(sockets).toHaveLength(1));
  await connection.close();
  expect(await refusal).toMatch(/terminated/);
});

test('a server that drops whoever it has accepted is asked once in each interval', async () => {
  const askedAtMs: number[] = [];
  const databaseUrl = await serve((socket) => {
    askedAtMs.push(performance.now());
    socket.once('data', () => socket.destroy());
  });
  const wakeUp = createOutboxWakeUp({ databaseUrl, log, reconnectMs: 100 });
  wakeUp.listen(() => undefined);
  await eventually(() => expect(askedAtMs.length).toBeGreaterThan(8));
  await wakeUp.close();
  const gaps = askedAtMs.slice(1).map((atMs, index) => atMs - (askedAtMs[index] ?? 0));
  // Timers fire up to 1 ms early; connecting takes its own time.
  expect(Math.min(...gaps)).toBeGreaterThan(90);
});

test('a connection lost again and again is made anew once for each loss', async () => {
  let accepted = 0;
  const databaseUrl = await serve((socket) => {
    accepted += 1;
    socket.on('data', (data) => {
      if (data[0] !== 0x51) socket.write(Buffer.concat([authenticated, readyForQuery]));
      else socket.write(Buffer.concat([listenComplete, readyForQuery]));
    });
  });
  const wakeUp = createOutboxWakeUp({ databaseUrl, log, reconnectMs: 20 });
  wakeUp.listen(() => undefined);
  for (let losses = 0; losses < 5; losses += 1) {
    await eventually(() => expect(wakeUp.isUp()).toBe(true));
    sockets.at(-1)?.destroy();
    await eventually(() => expect(accepted).toBe(losses + 2));
  }
  await wakeUp.close();
});

const listenText = Buffer.from('LISTEN\0');
const listenComplete = Buffer.concat([
  Buffer.from([0x43, 0, 0, 0, 4 + listenText.length]),
  listenText,
]);
