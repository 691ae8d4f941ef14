import { planStart, privateNames, readOptions } from './external';

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
  expect(privateNames(plan)).toContain('TEMPORAL_NAMESPACE');
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
