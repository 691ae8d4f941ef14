import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inheritedEnvironment, planStart, readLaunchEnvironment, readOptions } from './external';

const plain = { reset: false, migrate: false };

test('with nothing set every part is private and the sandbox stands in for Stripe', () => {
  expect(planStart({}, plain)).toEqual({
    private: ['postgres', 'rabbitmq', 'redis', 'temporal'],
    external: {},
    sandbox: true,
  });
});

test('an address that is set is used, with what belongs to it', () => {
  const plan = planStart(
    { TEMPORAL_ADDRESS: 'a:7233', TEMPORAL_NAMESPACE: 'payments', REDIS_URL: '' },
    plain,
  );
  expect(plan.private).toEqual(['postgres', 'rabbitmq', 'redis']);
  expect(plan.external).toEqual({ TEMPORAL_ADDRESS: 'a:7233', TEMPORAL_NAMESPACE: 'payments' });
});

test('addresses that the shell took over from this stack do not count as the user’s own', () => {
  const environment = {
    DATABASE_URL: 'postgresql://paysaga:secret@127.0.0.1:20001/paysaga',
    TEMPORAL_ADDRESS: '127.0.0.1:20002',
    REDIS_URL: 'redis://127.0.0.1:6379',
  };
  const plan = planStart(environment, { ...plain, ownPorts: [20001, 20002] });
  expect(plan.private).toEqual(['postgres', 'rabbitmq', 'temporal']);
  expect(plan.external).toEqual({ REDIS_URL: 'redis://127.0.0.1:6379' });
});

test('a namespace without an address does not steer the private Temporal', () => {
  const plan = planStart({ TEMPORAL_NAMESPACE: 'payments' }, plain);
  expect(plan.external).toEqual({});
  const environment = { TEMPORAL_NAMESPACE: 'payments', TEMPORAL_NAMESPACE_FILE: '/x', HOME: '/h' };
  expect(inheritedEnvironment(environment, { plan, replaced: [] })).toEqual({ HOME: '/h' });
});

test('an address and a key may come from files, and reach the services in one form only', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'paysaga-start-'));
  const inFile = (name: string, value: string) => {
    writeFileSync(path.join(folder, name), `${value}\n`);
    return path.join(folder, name);
  };
  const environment = {
    DATABASE_URL_FILE: inFile('database', 'postgresql://a/b'),
    STRIPE_API_KEY_FILE: inFile('key', 'sk_test_1'),
  };
  const plan = planStart(readLaunchEnvironment(environment), plain);
  expect(plan).toMatchObject({ external: { DATABASE_URL: 'postgresql://a/b' }, sandbox: false });
  expect(inheritedEnvironment(environment, { plan, replaced: ['DATABASE_URL'] })).toEqual({
    STRIPE_API_KEY_FILE: environment.STRIPE_API_KEY_FILE,
  });
  rmSync(folder, { recursive: true });
  expect(() => readLaunchEnvironment(environment)).toThrow(/DATABASE_URL_FILE: .* cannot be read/);
});

test('the key of the sandbox, taken over by stack:env, does not count as a Stripe account', () => {
  const environment = { STRIPE_API_KEY: 'sk_test_sandbox' };
  expect(planStart(environment, { reset: true, migrate: false }).sandbox).toBe(true);
});

test('a test key leaves the sandbox out; a live key is refused', () => {
  expect(planStart({ STRIPE_API_KEY: 'sk_test_1' }, plain).sandbox).toBe(false);
  expect(planStart({ STRIPE_API_KEY: 'rk_test_1' }, plain).sandbox).toBe(false);
  expect(() => planStart({ STRIPE_API_KEY: 'sk_live_1' }, plain)).toThrow(/no test key/);
});

test.each(['DATABASE_URL', 'RABBITMQ_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS'])(
  '--reset is refused while %s names something outside',
  (name) => {
    expect(() => planStart({ [name]: 'x' }, { reset: true, migrate: false })).toThrow(name);
  },
);

test('--reset is refused with a Stripe account', () => {
  const reset = { reset: true, migrate: false };
  expect(() => planStart({ STRIPE_API_KEY: 'sk_test_1' }, reset)).toThrow('STRIPE_API_KEY');
});

test('a mistyped option is refused instead of ignored', () => {
  expect(() => readOptions(['--rest'])).toThrow('--rest');
  expect(readOptions(['--migrate', '--reset'])).toEqual({ reset: true, migrate: true });
});
