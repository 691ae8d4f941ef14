import { randomInt } from 'node:crypto';
import net from 'node:net';

// Below the kernel's range for outgoing connections (32768 on Linux, 49152 on macOS): a port that
// is free now and inside it may be some client's by the time the server, started seconds later,
// binds it.
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/**
 * @param preferred ports of an earlier run, kept where they are still free, so that a bookmarked
 *   address stays right
 * @returns one free loopback port for each name
 */
export async function choosePorts<Name extends string>(
  names: readonly Name[],
  preferred: Partial<Record<Name, number>> = {},
): Promise<Record<Name, number>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop fills in every name
  const chosen = {} as Record<Name, number>;
  const taken = new Set<number>();
  for (const name of names) {
    let port = preferred[name] ?? randomPort();
    while (taken.has(port) || !(await isFree(port))) port = randomPort();
    taken.add(port);
    chosen[name] = port;
  }
  return chosen;
}

function randomPort(): number {
  return randomInt(FIRST_PORT, LAST_PORT);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}
