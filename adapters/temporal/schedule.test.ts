import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createTemporalClient } from './client';
import { ensureSchedule } from './schedule';

test('scheduling ends in time although Temporal is frozen', async () => {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined).resume());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const temporal = createTemporalClient({
    address: `127.0.0.1:${address.port}`,
    namespace: 'none',
  });
  const schedule = {
    scheduleId: 'sweeper',
    workflowType: 'sweepPayments',
    taskQueue: 'none',
    everyMs: 1_000,
    input: {},
    runTimeoutMs: 1_000,
  } as const;
  const scheduled = ensureSchedule(temporal.client, schedule, 200);
  await expect(scheduled).rejects.toThrow(/deadline|schedule/i);
  await temporal.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}, 20_000);
