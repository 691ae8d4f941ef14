import { readRecord } from '../../../dev/ensure/stacks.cjs';
import type { ServiceName } from '../../../dev/stack/services';
import { eventually } from '../eventually';
import { restartService, stopService } from './world';
import type { GuideWorld } from './world';

/** Something that went wrong, caused for real before the first command that is run in it. */
export interface Situation {
  readonly cause: (world: GuideWorld) => Promise<void>;
  /** What is no command of ours to run: the server comes back, the provider works again. */
  readonly mend: (world: GuideWorld) => Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** The situations that a guide's block may name by `run=`. */
export const situations: Readonly<Record<string, Situation>> = {
  /** A terminal just opened, on a service that works. */
  'new-shell': { cause: nothing, mend: nothing },
  healthy: { cause: nothing, mend: nothing },
  /** Servers, and none of the service's own processes. */
  'nothing-runs': {
    async cause(world) {
      const names = ['api', 'outbox', 'commands'] as const;
      await Promise.all(names.map((name) => stopService(world, name)));
    },
    mend: nothing,
  },
  'outbox-stopped': {
    async cause(world) {
      await stopService(world, 'outbox');
      await order(world, 'outbox-stopped', 2);
    },
    mend: nothing,
  },
  'relay-paused': {
    async cause(world) {
      await world.demo.until('the relay has published what is due', async () => {
        const due = await world.demo.query(
          'SELECT 1 FROM outbox_events WHERE published_at IS NULL',
        );
        return due.length === 0 || undefined;
      });
    },
    mend: nothing,
  },
  'commands-stopped': {
    async cause(world) {
      await stopService(world, 'commands');
      await order(world, 'commands-stopped', 1);
    },
    mend: nothing,
  },
  'events-stuck': {
    async cause(world) {
      await manage(world, bindingPath, { method: 'DELETE' });
      await order(world, 'events-stuck', 3);
      await eventually(async () => {
        const dead = await world.demo.query(
          'SELECT 1 FROM outbox_events WHERE dead_at IS NOT NULL',
        );
        expect(dead).toHaveLength(3);
      });
    },
    mend: nothing,
  },
  'rabbitmq-down': {
    async cause(world) {
      await world.stack.part('rabbitmq').kill();
      await order(world, 'rabbitmq-down', 2);
    },
    mend: (world) => world.stack.part('rabbitmq').start(),
  },
  'rabbitmq-frozen': {
    async cause(world) {
      signalBroker(world, 'SIGSTOP');
      await order(world, 'rabbitmq-frozen', 1);
    },
    mend: async (world) => signalBroker(world, 'SIGCONT'),
  },
  'redis-down': {
    cause: (world) => world.stack.part('redis').stop(),
    mend: (world) => world.stack.part('redis').start(),
  },
  'temporal-unreachable': {
    async cause(world) {
      world.temporal.cut();
      await order(world, 'temporal-unreachable', 1);
    },
    mend: async (world) => world.temporal.mend(),
  },
  'needs-review': {
    async cause(world) {
      await world.demo.query(refuseSuccess);
      await control(world, { match: { route: 'refunds.create' }, times: null, action: outage });
      const ids = await order(world, 'needs-review', 2);
      for (const id of ids) {
        expect(await world.demo.settled(id)).toMatchObject({ status: 'needs_review' });
      }
    },
    async mend(world) {
      await world.demo.query('DROP FUNCTION IF EXISTS guide_refuse_success CASCADE');
      await control(world);
    },
  },
  'stripe-outage': {
    async cause(world) {
      await control(world, { times: null, action: outage });
      await order(world, 'stripe-outage', 1);
    },
    mend: (world) => control(world),
  },
};

/** Brings the service back to what it was, whatever a guide that failed left behind. */
export async function restore(world: GuideWorld, name: string): Promise<void> {
  await situations[name]?.mend(world);
  const broken = brokenServices[name] ?? [];
  await Promise.all(broken.map((service) => restartService(world, service)));
}

const brokenServices: Readonly<Record<string, readonly ServiceName[]>> = {
  'nothing-runs': ['commands', 'outbox', 'api'],
  'outbox-stopped': ['outbox'],
  'commands-stopped': ['commands'],
};

const outage = { kind: 'status', status: 503 };

// Stands for any permanent failure to record a charge, after which the money has to go back.
const refuseSuccess = `
  CREATE FUNCTION guide_refuse_success() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'planted by a test' USING ERRCODE = 'check_violation';
  END $$;
  CREATE TRIGGER guide_refuse_success BEFORE UPDATE ON payments FOR EACH ROW
  WHEN (NEW.status = 'succeeded' AND NEW.metadata ->> 'demo' LIKE 'needs-review-%')
  EXECUTE FUNCTION guide_refuse_success()`;

const bindingPath =
  'bindings/%2F/e/payment.commands/q/payment.commands.process/payment.commands.process';

async function order(world: GuideWorld, situation: string, count: number): Promise<string[]> {
  const tags = Array.from({ length: count }, (_, index) => `${situation}-${index}`);
  const answers = await Promise.all(tags.map((tag) => world.demo.order({ tag })));
  return answers.map(({ payment }) => payment.id);
}

function signalBroker(world: GuideWorld, signal: NodeJS.Signals): void {
  const node = readRecord(world.stack.folder)?.processes.find(({ name }) => name === 'rabbitmq');
  if (node === undefined) throw new Error('no RabbitMQ is on the record of the stack');
  process.kill(node.pid, signal);
}

/** Arms a fault of the sandbox, or disarms all. */
async function control(world: GuideWorld, fault?: object): Promise<void> {
  const url = `${world.service.addresses.STRIPE_API_URL}/_sandbox/faults`;
  const init = fault ? { method: 'POST', body: JSON.stringify(fault) } : { method: 'DELETE' };
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`the sandbox answers ${response.status}`);
}

async function manage(world: GuideWorld, path: string, init: RequestInit): Promise<void> {
  const { username, password, origin } = new URL(world.stack.env['RABBITMQ_MANAGEMENT_URL'] ?? '');
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  const response = await fetch(`${origin}/api/${path}`, {
    ...init,
    headers: { authorization: `Basic ${credentials}` },
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`RabbitMQ management ${path}: ${response.status}`);
}
