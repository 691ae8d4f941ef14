import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from './installer';
import type { Part, PartContext } from './part';
import { type ManagedProcess, untilHealthy } from './processes';
import { bareEnvironment } from './server-part';

export interface RabbitmqPorts {
  readonly amqp: number;
  readonly amqpManagement: number;
  readonly amqpDistribution: number;
  readonly epmd: number;
}

// Starting takes 6-8 s on two idle cores, all of it Erlang loading its applications.
const START_DEADLINE_MS = 60_000;
const REQUEST_TIMEOUT_MS = 2000;

const ADVANCED = 'advanced.config';

// By default what the management API shows is up to 5 s old, and tests wait for it.
const FRESH_FIGURES = `[
  {rabbit, [{collect_statistics_interval, 1000}, {quorum_tick_interval, 1000}]},
  {rabbitmq_management, [{sample_retention_policies, [
    {global, [{60, 1}]}, {basic, [{60, 1}]}, {detailed, [{60, 1}]}]}]}
].
`;

/**
 * The server's own script. The wrapper in /usr/sbin insists on the rabbitmq user and the system's
 * folders, so it is looked for where the packages put the real one.
 * @returns undefined when RabbitMQ is not installed
 */
export function findRabbitmq(): string | undefined {
  const debian = '/usr/lib/rabbitmq/bin/rabbitmq-server';
  if (existsSync(debian)) return debian;
  const kegs = ['/opt/homebrew/opt/rabbitmq/sbin', '/usr/local/opt/rabbitmq/sbin'];
  const keg = kegs.map((folder) => path.join(folder, 'rabbitmq-server')).find(existsSync);
  return keg ?? findProgram('rabbitmq-server');
}

/** A private RabbitMQ node with its management plugin, and the name server (epmd) it registers at. */
export function rabbitmqPart(
  context: PartContext,
  { program, ports }: { program: string; ports: RabbitmqPorts },
): Part {
  const home = path.join(context.folder, 'rabbitmq');
  const url = `amqp://guest:guest@127.0.0.1:${ports.amqp}`;
  const management = `http://guest:guest@127.0.0.1:${ports.amqpManagement}`;
  const environment = nodeEnvironment(home, ports);
  let epmd: ManagedProcess | undefined;
  let node: ManagedProcess | undefined;

  async function start(): Promise<void> {
    if (node?.isRunning()) return;
    writeConfiguration(home, ports);
    writeFileSync(path.join(home, ADVANCED), context.persist ? '[].\n' : FRESH_FIGURES);
    // Left to itself the node starts a daemon of its own, which outlives it.
    epmd = context.processes.spawn({
      name: 'epmd',
      command: epmdProgram(),
      args: ['-port', String(ports.epmd), '-address', '127.0.0.1'],
      env: environment,
    });
    node = context.processes.spawn({
      name: 'rabbitmq',
      command: program,
      args: [],
      env: environment,
      stopDeadlineMs: 30_000,
      // A node whose data is thrown away has nothing to put in order, which takes it 6 s.
      stopSignal: context.persist ? 'SIGTERM' : 'SIGKILL',
    });
    await untilHealthy(node, { check: () => checkNode(management), deadlineMs: START_DEADLINE_MS });
  }

  return {
    name: 'rabbitmq',
    env: { RABBITMQ_URL: url, RABBITMQ_MANAGEMENT_URL: management },
    start,
    async stop() {
      await node?.stop('SIGTERM');
      await epmd?.stop();
    },
    async discard() {
      await node?.stop();
      await epmd?.stop();
    },
    async kill() {
      await node?.kill();
      await epmd?.kill();
    },
  };
}

function epmdProgram(): string {
  const onPath = findProgram('epmd');
  if (onPath !== undefined) return onPath;
  // Debian links epmd to /usr/bin; other packages keep it in Erlang's own release folder only.
  const erlang = '/usr/lib/erlang';
  const release = existsSync(erlang)
    ? readdirSync(erlang).find((name) => name.startsWith('erts-'))
    : undefined;
  if (release === undefined) throw new Error('epmd, a part of Erlang, is not installed');
  return path.join(erlang, release, 'bin/epmd');
}

function nodeEnvironment(home: string, ports: RabbitmqPorts): Record<string, string> {
  return {
    ...bareEnvironment(home),
    RABBITMQ_NODENAME: `paysaga-${ports.amqp}@localhost`,
    RABBITMQ_MNESIA_BASE: path.join(home, 'data'),
    RABBITMQ_LOG_BASE: path.join(home, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(home, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: path.join(home, 'rabbitmq.conf'),
    // Set in any case: the default names a file of the system's own server.
    RABBITMQ_ADVANCED_CONFIG_FILE: path.join(home, ADVANCED),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_DIST_PORT: String(ports.amqpDistribution),
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // The script then becomes the node instead of its parent, so the pid and the signals are its.
    RUNNING_UNDER_SYSTEMD: 'true',
    // The first part keeps other machines from Erlang's distribution port; the second stops idle
    // schedulers from spinning on cores that the rest of the stack needs.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
  };
}

function writeConfiguration(home: string, ports: RabbitmqPorts): void {
  for (const folder of [home, path.join(home, 'data'), path.join(home, 'log')]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const cookie = path.join(home, '.erlang.cookie');
  if (!existsSync(cookie)) {
    // Erlang refuses a cookie that others can read.
    writeFileSync(cookie, randomBytes(16).toString('hex').toUpperCase(), { mode: 0o400 });
  }
  writeFileSync(path.join(home, 'enabled_plugins'), '[rabbitmq_management].\n');
  writeFileSync(
    path.join(home, 'rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${ports.amqpManagement}`,
      // At the default a laptop with a nearly full disk gets a broker that blocks every publisher.
      'disk_free_limit.absolute = 50MB',
      'log.console.level = warning',
      '',
    ].join('\n'),
  );
}

/** The management listener comes last, after the AMQP one; the node itself says when it runs. */
async function checkNode(management: string): Promise<void> {
  const { origin } = new URL(management);
  const response = await fetch(`${origin}/api/health/checks/virtual-hosts`, {
    headers: { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the management API answers ${response.status}`);
}
