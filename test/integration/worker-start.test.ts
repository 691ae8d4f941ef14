import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';

const unreachable = {
  DATABASE_URL: 'postgresql://127.0.0.1:1/none',
  RABBITMQ_URL: 'amqp://127.0.0.1:1',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  STRIPE_API_KEY: 'sk_test_none',
};

async function takenPort(): Promise<{ port: number; release: () => Promise<unknown> }> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const closed = once(server, 'close');
  return { port: address.port, release: () => (server.close(), closed) };
}

async function runToEnd(entry: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [path.join(process.cwd(), 'dist', entry)], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code, signal]: unknown[] = await once(child, 'exit');
  clearTimeout(timer);
  return { code, signal, errors };
}

describe('a worker that cannot start', () => {
  it.each([
    ['workers/commands.js', 'WORKER_COMMANDS_PORT'],
    ['workers/outbox.js', 'WORKER_OUTBOX_PORT'],
  ])(
    '%s ends with status 1 when its port is taken, so that it is started again',
    async (entry, name) => {
      const { port, release } = await takenPort();
      const ended = await runToEnd(entry, { ...unreachable, [name]: String(port) });
      await release();
      expect(ended).toMatchObject({ code: 1, signal: null });
      expect(ended.errors).toContain('EADDRINUSE');
    },
  );

  it.each(['workers/commands.js', 'workers/outbox.js', 'api/main.js'])(
    '%s names every missing variable at once and ends with status 1',
    async (entry) => {
      const { code, errors } = await runToEnd(entry, {});
      expect(code).toBe(1);
      for (const name of ['DATABASE_URL', 'RABBITMQ_URL', 'TEMPORAL_ADDRESS']) {
        expect(errors).toContain(`${name}: is required`);
      }
    },
  );
});
