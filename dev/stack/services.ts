import { WORKFLOW_BUNDLE } from './folders';
import type { StackPorts } from './parts';
import type { ServiceOptions } from './service';

export const SERVICE_NAMES = ['sandbox', 'commands', 'outbox', 'api'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface ServicePlanOptions {
  readonly ports: StackPorts;
  /** What every process is given: the addresses, a webhook secret, and whatever the user set. */
  readonly env: Readonly<Record<string, string>>;
  readonly webhookSecret: string;
}

/** The key that the sandbox accepts; it opens nothing else. */
export const SANDBOX_API_KEY = 'sk_test_sandbox';

/**
 * How each of our processes is started on a stack. The order is that of starting; stopping goes
 * the other way, so the API takes no new payment while those it took are still worked on.
 */
export function planServices(
  options: ServicePlanOptions,
): Readonly<Record<ServiceName, ServiceOptions>> {
  const { ports, webhookSecret } = options;
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const env = {
    ...options.env,
    API_PORT: String(ports.api),
    WORKER_OUTBOX_PORT: String(ports.outbox),
    WORKER_COMMANDS_PORT: String(ports.commands),
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    WORKFLOW_BUNDLE_PATH: WORKFLOW_BUNDLE,
    SANDBOX_PORT: String(ports.sandbox),
    SANDBOX_WEBHOOK_URL: `${url(ports.api)}/v1/webhooks/stripe`,
    SANDBOX_WEBHOOK_SECRET: webhookSecret,
  };
  return {
    sandbox: {
      name: 'sandbox',
      entry: 'sandbox/main.js',
      env,
      readyUrl: `${url(ports.sandbox)}/_sandbox/health`,
    },
    commands: {
      name: 'worker-commands',
      entry: 'workers/commands.js',
      env,
      readyUrl: `${url(ports.commands)}/readyz`,
    },
    outbox: {
      name: 'worker-outbox',
      entry: 'workers/outbox.js',
      env,
      readyUrl: `${url(ports.outbox)}/readyz`,
    },
    api: { name: 'api', entry: 'api/main.js', env, readyUrl: `${url(ports.api)}/readyz` },
  };
}

/** What points the services at the sandbox instead of Stripe. */
export function sandboxEnvironment(ports: StackPorts): Record<string, string> {
  return {
    STRIPE_API_KEY: SANDBOX_API_KEY,
    STRIPE_API_URL: `http://127.0.0.1:${ports.sandbox}`,
  };
}
