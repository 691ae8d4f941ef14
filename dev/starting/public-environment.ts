import { flagVariables } from '../../config/variables';
import { WORKFLOW_BUNDLE } from '../stack/folders';
import type { StackPorts } from '../stack/parts';

type Values = Readonly<Record<string, string>>;

export interface PublicOptions {
  readonly ports: StackPorts;
  /** The user's own, with what came as NAME_FILE read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly addresses: Values;
  readonly apiKey: string;
  /** The secret of the webhooks; null where it is the user's. */
  readonly webhookSecret: string | null;
}

export interface PublicEnvironment {
  /** What `npm run stack:env` prints: enough to start one more of each process, and for the doctor. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of secrets that a process needs and that are the user's to keep. */
  readonly withheld: readonly string[];
}

const ADDRESSES = [
  'DATABASE_URL',
  'RABBITMQ_URL',
  'RABBITMQ_MANAGEMENT_URL',
  'REDIS_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_UI_URL',
  'STRIPE_API_KEY',
  'STRIPE_API_URL',
];

/** Settings by which a second process must not differ from the first; none of them is a secret. */
const SETTINGS =
  /^((SAGA|SWEEP|RELAY|COMMAND|IDEMPOTENCY)_.+|REDIS_KEY_PREFIX|STRIPE_TIMEOUT_MS|(DATABASE|RABBITMQ|REDIS|TEMPORAL)_(CA|CERT|CA_FILE|CERT_FILE|KEY_FILE)|(TEMPORAL|STRIPE)_API_KEY_FILE|STRIPE_WEBHOOK_SECRET_FILE)$/;

const SECRETS =
  /^((DATABASE|RABBITMQ|REDIS|TEMPORAL)_KEY|(TEMPORAL|STRIPE)_API_KEY|STRIPE_WEBHOOK_SECRET)$/;

/** What other shells may know of the stack: everything but the secrets that the user brought. */
export function publicEnvironment(options: PublicOptions): PublicEnvironment {
  const { ports, environment, addresses, apiKey, webhookSecret } = options;
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const known: Values = {
    TEMPORAL_NAMESPACE: 'default',
    STRIPE_API_URL: environment['STRIPE_API_URL'] || 'https://api.stripe.com',
    ...addresses,
  };
  const own: Values = {
    API_URL: url(ports.api),
    API_KEY: apiKey,
    ...pick(known, (name) => ADDRESSES.includes(name)),
    OUTBOX_WORKER_URL: url(ports.outbox),
    COMMAND_WORKER_URL: url(ports.commands),
    // One more process of a kind takes any free port: the stack's own has the one of its address.
    API_PORT: '0',
    WORKER_OUTBOX_PORT: '0',
    WORKER_COMMANDS_PORT: '0',
    // Kept fresh by whatever starts a process; without it each worker bundles for itself.
    WORKFLOW_BUNDLE_PATH: WORKFLOW_BUNDLE,
    ...flags(environment),
    ...(webhookSecret === null ? {} : { STRIPE_WEBHOOK_SECRET: webhookSecret }),
  };
  const env = {
    ...pick(environment, (name) => SETTINGS.test(name) && !isFileOf(own, name)),
    ...own,
  };
  return {
    env: { ...env, ...emptied(environment, own) },
    withheld: Object.keys(pick(environment, (name) => SECRETS.test(name))).filter(
      (name) => !(name in env) && !(`${name}_FILE` in env),
    ),
  };
}

function pick(
  values: Readonly<Record<string, string | undefined>>,
  wanted: (name: string) => boolean,
): Record<string, string> {
  const found = Object.entries(values).flatMap(([name, value]) =>
    value !== undefined && value !== '' && wanted(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(found);
}

/** All of them, also those at their default: an earlier eval may have left another value. */
function flags(environment: PublicOptions['environment']): Record<string, string> {
  const names = Object.keys(flagVariables);
  return Object.fromEntries(names.map((name) => [name, environment[name] || 'true']));
}

const isFileOf = (own: Values, name: string): boolean =>
  name.endsWith('_FILE') && name.slice(0, -'_FILE'.length) in own;

/** Empty counts as not set, and a name that is given both ways would be refused. */
function emptied(environment: PublicOptions['environment'], own: Values): Record<string, string> {
  const given = Object.keys(environment).filter((name) => isFileOf(own, name));
  return Object.fromEntries(given.map((name) => [name, '']));
}
