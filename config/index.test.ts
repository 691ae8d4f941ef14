import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, loadApiConfig, loadCommandWorkerConfig, loadOutboxWorkerConfig } from '.';
import { databaseTls, rabbitTls, redisTls, temporalTls } from './tls';
import * as variables from './variables';

const workerEnvironment = {
  DATABASE_URL: 'postgresql://localhost/paysaga',
  RABBITMQ_URL: 'amqp://localhost',
  TEMPORAL_ADDRESS: 'localhost:7233',
  STRIPE_API_KEY: ['sk', 'test', '123'].join('_'),
};

function errorOf(load: () => unknown): ConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('the environment was accepted');
}

describe('configuration', () => {
  it('reports every problem at once, and never the value of a variable', () => {
    const { problems, message } = errorOf(() =>
      loadApiConfig({ DATABASE_URL: 'mysql://user:geheim@db', API_PORT: 'eighty', REDIS_URL: '' }),
    );
    expect(problems.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['DATABASE_URL', 'API_PORT', 'REDIS_URL', 'RABBITMQ_URL']),
    );
    expect(message).not.toContain('geheim');
  });

  it('refuses a flag that is neither true nor false', () => {
    expect(() => loadApiConfig({ ENABLE_COMPENSATION: 'yes' })).toThrow(
      'ENABLE_COMPENSATION: must be true or false',
    );
  });

  it('has every flag on unless it is told otherwise', () => {
    const config = loadApiConfig({
      ...workerEnvironment,
      REDIS_URL: 'redis://localhost',
      STRIPE_WEBHOOK_SECRET: 'whsec_test',
      ENABLE_RETRY_LOGIC: 'false',
    });
    expect(config.flags).toEqual({
      asyncCommands: true,
      outboxPattern: true,
      retryLogic: false,
      compensation: true,
    });
  });

  it('refuses a key lock that ends before the wait it protects', () => {
    const load = () =>
      loadApiConfig({
        ...workerEnvironment,
        REDIS_URL: 'redis://localhost',
        STRIPE_WEBHOOK_SECRET: 'whsec_test',
        API_WAIT_CAP_MS: '30000',
      });
    expect(load).toThrow('IDEMPOTENCY_LOCK_MS: must be longer than API_WAIT_CAP_MS');
  });

  it('takes an empty variable as one that is not set', () => {
    expect(loadOutboxWorkerConfig({ ...workerEnvironment, RELAY_POLL_MS: '' }).RELAY_POLL_MS).toBe(
      5_000,
    );
  });

  it('refuses an attempt to charge that is shorter than the calls it may make', () => {
    const load = (SAGA_AUTHORIZE_TIMEOUT_MS: string) =>
      loadCommandWorkerConfig({
        ...workerEnvironment,
        STRIPE_TIMEOUT_MS: '2000',
        SAGA_AUTHORIZE_TIMEOUT_MS,
      });
    expect(() => load('8000')).toThrow('longer than 4 STRIPE_TIMEOUT_MS');
    expect(load('8001').sagaBudgets.authorize.timeoutMs).toBe(8_001);
    expect(() => loadCommandWorkerConfig(workerEnvironment)).not.toThrow();
  });

  it('refuses crash points in production', () => {
    const environment = { ...workerEnvironment, CRASH_POINT: 'after_record' };
    expect(() => loadCommandWorkerConfig({ ...environment, NODE_ENV: 'production' })).toThrow(
      'CRASH_POINT',
    );
    expect(loadCommandWorkerConfig(environment).CRASH_POINT).toBe('after_record');
  });

  it('.env.example documents every variable', () => {
    const page = readFileSync(path.join(process.cwd(), '.env.example'), 'utf8');
    const groups = [...Object.values(variables), databaseTls, rabbitTls, redisTls, temporalTls];
    const names = groups.flatMap((group) => Object.keys(group));
    expect(names.filter((name) => !new RegExp(`^#? ?${name}=`, 'm').test(page))).toEqual([]);
  });
});
