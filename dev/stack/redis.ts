import { mkdirSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Part, PartContext } from './part';
import { bareEnvironment, serverPart } from './server-part';

/** A private Redis; it holds nothing that Postgres does not hold too, so it never syncs to disk. */
export function redisPart(
  context: PartContext,
  { program, port }: { program: string; port: number },
): Part {
  const home = path.join(context.folder, 'redis');
  mkdirSync(home, { recursive: true });
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: home,
    save: context.persist ? '60 1' : '',
    appendonly: 'no',
    daemonize: 'no',
  };
  return serverPart(context, {
    spec: {
      name: 'redis',
      command: program,
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      env: bareEnvironment(home),
    },
    env: { REDIS_URL: `redis://127.0.0.1:${port}` },
    check: () => ping(port),
    deadlineMs: 10_000,
  });
}

/** Rejects unless the server answers PONG within a second. */
function ping(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer within a second')));
    socket.once('error', reject);
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.toString().startsWith('+PONG')) resolve();
      else reject(new Error(`answered ${answer.toString().trim()}`));
    });
  });
}
