import { isolatedEnvironment } from './environment';

test('no address or key of the user reaches a test run', () => {
  const inherited = {
    DATABASE_URL: 'postgresql://somebody',
    RABBITMQ_URL: 'amqp://somebody',
    REDIS_URL: 'redis://somebody',
    TEMPORAL_ADDRESS: 'somebody:7233',
    STRIPE_API_KEY: 'sk_live_x',
    STRIPE_WEBHOOK_SECRET: 'whsec_x',
    PGHOST: 'somebody',
    ENABLE_COMPENSATION: 'false',
    CRASH_POINT: 'after-capture',
    WORKFLOW_BUNDLE_PATH: '/elsewhere',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://somebody:4318',
  };
  expect(isolatedEnvironment(inherited, {})).toEqual({});
});

test('what is not ours passes, and the private stack wins', () => {
  const inherited = { PATH: '/bin', HOME: '/home/a', CI: 'true', DATABASE_URL: 'theirs' };
  expect(isolatedEnvironment(inherited, { DATABASE_URL: 'private' })).toEqual({
    PATH: '/bin',
    HOME: '/home/a',
    CI: 'true',
    DATABASE_URL: 'private',
  });
});
