import { z } from 'zod';
import { readEnvironment } from '../../config/environment';
import { flagVariables } from '../../config/variables';
import type { PartName } from '../stack/parts';
import { SANDBOX_API_KEY } from '../stack/services';

type Environment = Readonly<Record<string, string | undefined>>;

const ADDRESSES: Readonly<Record<PartName, string>> = {
  postgres: 'DATABASE_URL',
  rabbitmq: 'RABBITMQ_URL',
  redis: 'REDIS_URL',
  temporal: 'TEMPORAL_ADDRESS',
};

/** Names beside the addresses that only mean something where the address is external too. */
const COMPANIONS: Readonly<Record<PartName, readonly string[]>> = {
  postgres: [],
  rabbitmq: ['RABBITMQ_MANAGEMENT_URL'],
  redis: [],
  temporal: ['TEMPORAL_NAMESPACE', 'TEMPORAL_UI_URL'],
};

const READ_HERE = [
  ...Object.values(ADDRESSES),
  ...Object.values(COMPANIONS).flat(),
  'STRIPE_API_KEY',
  'STRIPE_API_URL',
  'STRIPE_WEBHOOK_SECRET',
  ...Object.keys(flagVariables),
];

export interface StartOptions {
  readonly reset: boolean;
  readonly migrate: boolean;
}

export interface StartPlan {
  /** Parts to be started privately. */
  readonly private: readonly PartName[];
  /** The user's own addresses. */
  readonly external: Readonly<Record<string, string>>;
  /** Whether the private sandbox stands in for Stripe. */
  readonly sandbox: boolean;
}

/** @throws for an option that does not exist: a mistyped --reset must not pass for none */
export function readOptions(args: readonly string[]): StartOptions {
  const unknown = args.find((arg) => arg !== '--reset' && arg !== '--migrate');
  if (unknown !== undefined) {
    throw new Error(`unknown option ${unknown}; npm start -- [--reset] [--migrate]`);
  }
  return { reset: args.includes('--reset'), migrate: args.includes('--migrate') };
}

/**
 * The environment with the values that the launcher itself reads, also where they come as NAME_FILE.
 * @throws ConfigError for a file that cannot be read, and for a name that is given both ways
 */
export function readLaunchEnvironment(environment: Environment): Environment {
  const shape = Object.fromEntries(READ_HERE.map((name) => [name, z.string().optional()]));
  return { ...environment, ...readEnvironment(shape, environment) };
}

/**
 * A shell that evaluated stack:env still holds the addresses of this very stack after it stopped.
 * They name no server of the user's, and must not make the next start look for one.
 */
function isOwnAddress(address: string, ownPorts: readonly number[]): boolean {
  const port = /(?:^|[/@])127\.0\.0\.1:(\d+)/.exec(address)?.[1];
  return port !== undefined && ownPorts.includes(Number(port));
}

/**
 * Decides which parts are private and which the environment names.
 * @param ownPorts those that the kept stack of this clone has
 * @throws when a live Stripe key is set, or --reset meets anything that is not ours to empty
 */
export function planStart(
  environment: Environment,
  { reset, ownPorts = [] }: StartOptions & { ownPorts?: readonly number[] },
): StartPlan {
  const isSet = (name: string): boolean => {
    const value = environment[name] ?? '';
    return value !== '' && !isOwnAddress(value, ownPorts);
  };
  const parts = Object.keys(ADDRESSES) as PartName[];
  const outside = parts.filter((part) => isSet(ADDRESSES[part]));
  const given = environment['STRIPE_API_KEY'] ?? '';
  // The sandbox's key opens nothing else: it too was taken over from a stack of ours.
  const stripe = given === SANDBOX_API_KEY ? '' : given;
  if (stripe !== '' && !/^(sk|rk)_test_/.test(stripe)) {
    throw new Error(
      'STRIPE_API_KEY is no test key. Development commands accept only sk_test_ and rk_test_ ' +
        'keys, so that nobody is charged by a rehearsal.',
    );
  }
  const foreign = [
    ...outside.map((part) => ADDRESSES[part]),
    ...(stripe === '' ? [] : ['STRIPE_API_KEY']),
  ];
  if (reset && foreign.length > 0) {
    throw new Error(`--reset empties only private data, and ${foreign.join(', ')} is set: refused`);
  }
  const names = outside.flatMap((part) => [ADDRESSES[part], ...COMPANIONS[part]]);
  const external = names.filter(isSet).map((name) => [name, environment[name] ?? ''] as const);
  return {
    private: parts.filter((part) => !outside.includes(part)),
    external: Object.fromEntries(external),
    sandbox: stripe === '',
  };
}

/**
 * The user's own settings as the services get them.
 * @param replaced names whose values the launcher decides; it drops them in both of their forms,
 *   because a name that is given both ways is refused
 */
export function inheritedEnvironment(
  environment: Environment,
  { plan, replaced }: { readonly plan: StartPlan; readonly replaced: readonly string[] },
): Record<string, string> {
  const dropped = new Set(
    [...privateNames(plan), ...replaced].flatMap((name) => [name, `${name}_FILE`]),
  );
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || value === '' || dropped.has(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(kept);
}

/** The names that a private part must not inherit a companion value of. */
function privateNames(plan: StartPlan): string[] {
  return [
    ...plan.private.flatMap((part) => COMPANIONS[part]),
    ...(plan.sandbox ? ['STRIPE_API_URL'] : []),
  ];
}
