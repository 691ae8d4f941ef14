import { isolatedEnvironment } from '../testing/environment';
import { developmentKey, seedDevelopmentMerchant } from './seed';
import type { Service, ServiceOptions } from './service';
import { planServices, sandboxEnvironment } from './services';
import type { ServiceName } from './services';
import type { Stack } from './stack';

/** The whole of paysaga running on private parts, and nothing of what the environment names. */
export interface PrivateService {
  readonly plan: Readonly<Record<ServiceName, ServiceOptions>>;
  /** The running processes; whoever restarts one puts the new one here. */
  readonly running: Record<ServiceName, Service>;
  readonly addresses: {
    readonly API_URL: string;
    readonly API_KEY: string;
    readonly DATABASE_URL: string;
    readonly RABBITMQ_URL: string;
    readonly TEMPORAL_ADDRESS: string;
    readonly STRIPE_API_URL: string;
  };
}

/**
 * Starts the parts of a prepared stack, migrates, seeds a merchant, and starts every process.
 * @param settings what differs from the services' defaults
 * @throws when anything does not come up; the caller stops the stack in any case
 */
export async function startPrivateService(
  stack: Stack,
  settings: Readonly<Record<string, string>>,
): Promise<PrivateService> {
  await stack.start();
  const databaseUrl = stack.env['DATABASE_URL'] ?? '';
  const apiKey = developmentKey(stack.folder);
  await stack.migrate(databaseUrl);
  await seedDevelopmentMerchant(databaseUrl, apiKey);
  const sandbox = sandboxEnvironment(stack.ports);
  const own = { ...stack.env, ...sandbox, ...settings };
  const plan = planServices({
    ports: stack.ports,
    env: isolatedEnvironment(process.env, own),
    webhookSecret: 'whsec_private',
  });
  const [sandboxProcess, commands, outbox, api] = await Promise.all([
    stack.startService(plan.sandbox),
    stack.startService(plan.commands),
    stack.startService(plan.outbox),
    stack.startService(plan.api),
  ]);
  return {
    plan,
    running: { sandbox: sandboxProcess, commands, outbox, api },
    addresses: {
      API_URL: `http://127.0.0.1:${stack.ports.api}`,
      API_KEY: apiKey,
      DATABASE_URL: databaseUrl,
      RABBITMQ_URL: stack.env['RABBITMQ_URL'] ?? '',
      TEMPORAL_ADDRESS: stack.env['TEMPORAL_ADDRESS'] ?? '',
      STRIPE_API_URL: `http://127.0.0.1:${stack.ports.sandbox}`,
    },
  };
}
