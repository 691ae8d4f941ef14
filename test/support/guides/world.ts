import path from 'node:path';
import { DemoWorld } from '../../../dev/demo/world';
import { CHILDREN } from '../../../dev/ensure/stacks.cjs';
import { DATA, ROOT } from '../../../dev/stack/folders';
import { findProgram, installPackages } from '../../../dev/stack/installer';
import { ALL_PARTS } from '../../../dev/stack/parts';
import { startPrivateService } from '../../../dev/stack/private-service';
import type { PrivateService } from '../../../dev/stack/private-service';
import { untilReady } from '../../../dev/stack/service';
import type { ServiceName } from '../../../dev/stack/services';
import { Stack } from '../../../dev/stack/stack';
import { isolatedEnvironment } from '../../../dev/testing/environment';
import { fromStack, uniqueName } from '../stack-environment';
import { startTcpProxy } from '../tcp-proxy';
import type { TcpProxy } from '../tcp-proxy';

/** The running service that the guides are tried on, and the levers to break it with. */
export interface GuideWorld {
  readonly stack: Stack;
  readonly service: PrivateService;
  readonly demo: DemoWorld;
  /** The only way to Temporal, of the service and of the operator's commands. */
  readonly temporal: TcpProxy;
  /** A shell with the settings of the processes and all addresses, or one that has yet to ask. */
  readonly shellEnvironment: (kind: 'new' | 'prepared') => Record<string, string>;
  /** Starts one of the service's processes by the operator's command, and waits until it is ready. */
  readonly startStaying: (command: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

// What differs from the defaults: waits that would only make the test longer, and budgets that
// bring a payment to needs_review within seconds. The sweeper would repair some faults by itself.
const SETTINGS = {
  STRIPE_TIMEOUT_MS: '2000',
  SAGA_AUTHORIZE_TIMEOUT_MS: '9000',
  SAGA_AUTHORIZE_ATTEMPTS: '1000',
  SAGA_UNDO_TIMEOUT_MS: '3000',
  SAGA_UNDO_ATTEMPTS: '2',
  SAGA_RETRY_INITIAL_MS: '200',
  SAGA_RETRY_MAX_MS: '1000',
  SWEEP_PENDING_AFTER_MS: '600000',
  RELAY_RETRY_INITIAL_MS: '50',
  RELAY_RETRY_MAX_MS: '200',
  RELAY_POLL_MS: '1000',
};

const PROGRAMS = [
  { program: 'psql', debian: 'postgresql-client', homebrew: 'libpq' },
  { program: 'curl', debian: 'curl', homebrew: 'curl' },
  // rabbitmqadmin is a script of it.
  { program: 'python3', debian: 'python3', homebrew: 'python' },
];

const COMMANDS: readonly (readonly [ServiceName, string])[] = [
  ['api', 'npm run api'],
  ['outbox', 'npm run worker:outbox'],
  ['commands', 'npm run worker:commands'],
];

/** Starts the whole service on servers of its own: stopping one must not disturb other tests. */
export async function openGuideWorld(): Promise<GuideWorld> {
  ensurePrograms();
  // Below the test stack, whose launcher ends what a jest worker that crashed left running.
  const folder = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN, uniqueName('guides'));
  const name = path.relative(DATA, folder);
  const stack = await Stack.prepare({
    name,
    parts: ALL_PARTS,
    persist: false,
    say: () => undefined,
  });
  try {
    return await openOn(stack, name);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function openOn(stack: Stack, name: string): Promise<GuideWorld> {
  const temporal = await startTcpProxy(`127.0.0.1:${stack.ports.temporal}`);
  const service = await startPrivateService(stack, {
    ...SETTINGS,
    TEMPORAL_ADDRESS: temporal.address,
    // By default a frozen broker is noticed within 15 s: two heartbeats of 5 s, and a bit.
    RABBITMQ_URL: `amqp://guest:guest@127.0.0.1:${stack.ports.amqp}?heartbeat=2`,
  });
  const addresses = {
    ...stack.env,
    ...service.addresses,
    TEMPORAL_ADDRESS: temporal.address,
    OUTBOX_WORKER_URL: `http://127.0.0.1:${stack.ports.outbox}`,
    COMMAND_WORKER_URL: `http://127.0.0.1:${stack.ports.commands}`,
  };
  stack.publish(addresses);
  const demo = new DemoWorld(service.addresses);
  const bare = { ...withoutNpm(isolatedEnvironment(process.env, {})), PAYSAGA_STACK: name };
  const prepared = { ...withoutNpm(service.plan.api.env), ...bare, ...addresses };
  return {
    stack,
    service,
    demo,
    temporal,
    shellEnvironment: (kind) => (kind === 'new' ? bare : prepared),
    async startStaying(command) {
      const started = serviceOf(command);
      const process = stack.spawn({
        name: uniqueName(`staying-${started}`),
        command: 'bash',
        args: ['-c', command],
        cwd: ROOT,
        env: service.plan[started].env,
      });
      service.running[started] = process;
      await untilReady(process, service.plan[started]);
    },
    async close() {
      await demo.close();
      // While their servers still answer: without Temporal a worker takes its whole grace to end.
      await Promise.all(Object.values(service.running).map((each) => each.stop()));
      await stack.stop();
      await temporal.close();
    },
  };
}

/** Ends a process of the service, as an operator who stopped it, or a crash, would. */
export async function stopService(world: GuideWorld, name: ServiceName): Promise<void> {
  await world.service.running[name].stop();
}

export async function restartService(world: GuideWorld, name: ServiceName): Promise<void> {
  await stopService(world, name);
  world.service.running[name] = await world.stack.startService(world.service.plan[name]);
}

function serviceOf(command: string): ServiceName {
  const name = COMMANDS.find(([, prefix]) => command.startsWith(prefix))?.[0];
  if (name === undefined) throw new Error(`${command} starts none of the service's processes`);
  return name;
}

/** What npm tells its scripts is nothing that an operator's shell would hold. */
function withoutNpm(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith('npm_')));
}

/** The programs of the guides that no server package brings along. */
function ensurePrograms(): void {
  const missing = PROGRAMS.filter(({ program }) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const apt = missing.map(({ debian }) => debian);
  const brew = missing.map(({ homebrew }) => homebrew);
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  installPackages({ apt, brew, services: [] }, say);
}
