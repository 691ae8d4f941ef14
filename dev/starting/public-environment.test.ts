import { WORKFLOW_BUNDLE } from '../stack/folders';
import type { StackPorts } from '../stack/parts';
import { publicEnvironment, type PublicOptions } from './public-environment';

const ports = { api: 1, outbox: 2, commands: 3 } as StackPorts;

function shown(given: Partial<PublicOptions> = {}) {
  return publicEnvironment({
    ports,
    environment: {},
    addresses: { DATABASE_URL: 'postgresql://a/b' },
    apiKey: 'psk_1',
    webhookSecret: 'whsec_own',
    ...given,
  });
}

test('on the sandbox it holds all that another process of each kind and the doctor need', () => {
  const sandbox = { STRIPE_API_KEY: 'sk_test_sandbox', STRIPE_API_URL: 'http://127.0.0.1:4' };
  const { env, withheld } = shown({ addresses: { DATABASE_URL: 'postgresql://a/b', ...sandbox } });
  expect(withheld).toEqual([]);
  expect(env).toEqual({
    API_URL: 'http://127.0.0.1:1',
    API_KEY: 'psk_1',
    DATABASE_URL: 'postgresql://a/b',
    TEMPORAL_NAMESPACE: 'default',
    ...sandbox,
    OUTBOX_WORKER_URL: 'http://127.0.0.1:2',
    COMMAND_WORKER_URL: 'http://127.0.0.1:3',
    API_PORT: '0',
    WORKER_OUTBOX_PORT: '0',
    WORKER_COMMANDS_PORT: '0',
    WORKFLOW_BUNDLE_PATH: WORKFLOW_BUNDLE,
    ENABLE_ASYNC_COMMANDS: 'true',
    ENABLE_OUTBOX_PATTERN: 'true',
    ENABLE_RETRY_LOGIC: 'true',
    ENABLE_COMPENSATION: 'true',
    STRIPE_WEBHOOK_SECRET: 'whsec_own',
  });
});

test('a secret that the user brought is named and not shown', () => {
  const environment = {
    STRIPE_API_KEY: 'sk_test_geheim',
    STRIPE_WEBHOOK_SECRET: 'whsec_geheim',
    DATABASE_KEY: 'geheim',
    PGPASSWORD: 'geheim',
  };
  const { env, withheld } = shown({ environment, webhookSecret: null });
  expect(JSON.stringify(env)).not.toContain('geheim');
  expect(withheld).toEqual(['STRIPE_API_KEY', 'STRIPE_WEBHOOK_SECRET', 'DATABASE_KEY']);
});

test('a secret that came as a file is shown as the same file', () => {
  const environment = {
    STRIPE_API_KEY: 'sk_test_geheim',
    STRIPE_API_KEY_FILE: '/run/secrets/stripe',
  };
  const { env, withheld } = shown({ environment });
  expect(env).toMatchObject({ STRIPE_API_KEY_FILE: '/run/secrets/stripe' });
  expect([Object.keys(env).includes('STRIPE_API_KEY'), withheld]).toEqual([false, []]);
});

test('a shell that holds an address as a file is not left with both forms of it', () => {
  const environment = { DATABASE_URL: 'postgresql://a/b', DATABASE_URL_FILE: '/run/secrets/db' };
  expect(shown({ environment }).env).toMatchObject({
    DATABASE_URL: 'postgresql://a/b',
    DATABASE_URL_FILE: '',
  });
});

test('settings in which two processes must agree are handed on, a flag that is off among them', () => {
  const environment = {
    ENABLE_ASYNC_COMMANDS: 'false',
    SAGA_TASK_QUEUE: 'own',
    REDIS_KEY_PREFIX: 'p:',
    HOME: '/h',
  };
  const { env } = shown({ environment });
  expect(env).toMatchObject({
    ENABLE_ASYNC_COMMANDS: 'false',
    SAGA_TASK_QUEUE: 'own',
    REDIS_KEY_PREFIX: 'p:',
  });
  expect(env).not.toHaveProperty('HOME');
});
