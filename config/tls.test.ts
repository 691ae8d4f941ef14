import { ConfigError, loadApiConfig, loadOutboxWorkerConfig } from '.';

const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
// In two parts, so that no scanner takes this line for a key.
const key = ['-----BEGIN', 'PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----'].join(' ');

const plain = {
  DATABASE_URL: 'postgresql://db.internal/paysaga',
  RABBITMQ_URL: 'amqps://mq.internal',
  REDIS_URL: 'rediss://cache.internal',
  TEMPORAL_ADDRESS: 'temporal.internal:7233',
  STRIPE_WEBHOOK_SECRET: 'whsec_test',
};

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadApiConfig({ ...plain, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('certificates', () => {
  it('are nowhere unless they are set', () => {
    const { database, broker, redis, temporal } = loadApiConfig(plain);
    expect([database, broker, redis, temporal].map((server) => 'tls' in server)).toEqual(
      Array(4).fill(false),
    );
  });

  it('go to the server whose name they carry', () => {
    const config = loadOutboxWorkerConfig({
      ...plain,
      DATABASE_CA: certificate,
      RABBITMQ_CERT: certificate,
      RABBITMQ_KEY: key,
      TEMPORAL_CA: certificate,
    });
    expect(config.database.tls).toEqual({ ca: certificate });
    expect(config.broker.tls).toEqual({ cert: certificate, key });
    expect(config.temporal.tls).toEqual({ ca: certificate });
  });

  it.each([
    [{ REDIS_CERT: certificate }, 'REDIS_KEY: a client certificate and its key go together'],
    [{ TEMPORAL_KEY: key }, 'TEMPORAL_CERT: a client certificate and its key go together'],
    [
      { RABBITMQ_URL: 'amqp://mq', RABBITMQ_CA: certificate },
      'RABBITMQ_URL: must start with amqps://, because certificates are set for it',
    ],
    [
      { REDIS_URL: 'redis://cache', REDIS_CA: certificate },
      'REDIS_URL: must start with rediss://, because certificates are set for it',
    ],
    [
      { DATABASE_URL: 'postgresql://db/paysaga?sslmode=no-verify', DATABASE_CA: certificate },
      'DATABASE_URL: sslmode=no-verify contradicts the certificates that are set for it',
    ],
    [{ DATABASE_CA: 'geheim' }, 'DATABASE_CA: must be a certificate in PEM (see .env.example)'],
    [{ DATABASE_KEY: 'geheim' }, 'DATABASE_KEY: must be a private key in PEM (see .env.example)'],
  ])('that are incomplete or would be passed over are refused: %p', (environment, problem) => {
    expect(problemsOf(environment)).toEqual([problem]);
  });
});

describe('Temporal', () => {
  it('is spoken to in clear text unless something asks for TLS', () => {
    expect(loadApiConfig(plain).temporal).toEqual({
      address: 'temporal.internal:7233',
      namespace: 'default',
    });
  });

  it.each([
    [{ TEMPORAL_TLS: 'true' }, {}],
    [{ TEMPORAL_API_KEY: 'tmprl' }, { apiKey: 'tmprl' }],
  ])('is spoken to by TLS with %p', (environment, more) => {
    expect(loadApiConfig({ ...plain, ...environment }).temporal).toEqual({
      address: 'temporal.internal:7233',
      namespace: 'default',
      tls: {},
      ...more,
    });
  });
});
