import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

export interface TcpProxy {
  /** `host:port` to use in place of the target. */
  readonly address: string;
  /** Drops every connection and refuses new ones, as a network that is gone. */
  cut(): void;
  /** Lets nothing through on the connections there are, and closes none, as a frozen server. */
  freeze(): void;
  mend(): void;
  close(): Promise<void>;
}

/** A wire to a real server that a test may cut for one process alone. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer();
  server.on('connection', (inner) => {
    if (!whole) {
      inner.destroy();
      return;
    }
    const outer = connect(Number(port), host ?? '127.0.0.1');
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    inner.pipe(outer).pipe(inner);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${address.port}`,
    cut() {
      whole = false;
      dropAll();
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend() {
      whole = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropAll();
      }),
  };
}
