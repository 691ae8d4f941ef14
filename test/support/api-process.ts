import { startProcess } from './process';
import type { TestProcess } from './process';
import { fromStack, testRedisPrefix } from './stack-environment';

/** The API as its own process, on a database of the test and the stack's Redis. */
export function startApiProcess(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TestProcess> {
  return startProcess({
    entry: 'api/main.js',
    portVariable: 'API_PORT',
    env: {
      DATABASE_URL: databaseUrl,
      REDIS_URL: fromStack('REDIS_URL'),
      REDIS_KEY_PREFIX: testRedisPrefix(),
      RABBITMQ_URL: 'amqp://127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      STRIPE_WEBHOOK_SECRET: 'whsec_process',
      ...env,
    },
  });
}
