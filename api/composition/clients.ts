import { createDatabase } from '../../adapters/postgres/client';
import { createOutboxSignal } from '../../adapters/postgres/outbox-signal';
import { createPublisher } from '../../adapters/rabbitmq/publisher';
import { connectRedis } from '../../adapters/redis/redis-connection';
import type { ShutdownLimit } from '../../adapters/system/shutdown';
import { createTemporalClient } from '../../adapters/temporal/client';
import type { Log } from '../../application/ports/log';
import type { Tracing } from '../../application/ports/tracing';
import type { ApiConfig } from '../../config';
import type { ReadinessCheck } from '../routes/health/readiness-check';

const readinessTimeoutMs = 1_000;

export type Clients = ReturnType<typeof connect>;

/** Every connection is made in the background, so the process starts while parts are away. */
export function connect(config: ApiConfig, log: Log, tracing: Tracing | null) {
  return {
    database: createDatabase({
      ...config.database,
      poolSize: config.DATABASE_POOL_SIZE,
      applicationName: 'paysaga-api',
      log,
    }),
    redis: connectRedis({ ...config.redis, log }),
    signal: createOutboxSignal({ ...config.database, log }),
    temporal: createTemporalClient(config.temporal, tracing),
    broker: createBroker(config, log),
  };
}

export async function closeAll(
  { database, redis, signal, temporal, broker }: Clients,
  limit: ShutdownLimit,
): Promise<void> {
  await limit.waitFor('publisher', broker.close());
  await limit.waitFor('outbox signal', signal.close());
  await limit.waitFor('redis', redis.close());
  await limit.waitFor('database', database.close());
  // Last, right before the exit: a call that the library meant to repeat throws on a closed
  // connection from a timer, where nobody can catch it, and the process would end with code 1.
  await limit.waitFor('temporal client', temporal.close());
}

export function readinessChecks({ database, redis, temporal, broker }: Clients): ReadinessCheck[] {
  return [
    { name: 'postgres', required: true, check: () => database.prisma.$queryRaw`SELECT 1` },
    { name: 'redis', required: false, check: () => redis.client.ping() },
    {
      name: 'temporal',
      required: false,
      // Whoever asks stops waiting by himself, but a call without a deadline would stay open.
      check: () =>
        temporal.client.withDeadline(Date.now() + readinessTimeoutMs, () =>
          temporal.client.workflowService.getSystemInfo({}),
        ),
    },
    ...broker.checks,
  ];
}

/** With the outbox on, the API never speaks to the broker and holds no connection to it. */
function createBroker(config: ApiConfig, log: Log) {
  if (config.flags.outboxPattern) {
    const refuse = () =>
      Promise.resolve({ kind: 'unavailable', reason: 'the outbox is on' } as const);
    return { publisher: { publish: refuse }, checks: [], close: () => Promise.resolve() };
  }
  const publisher = createPublisher({ ...config.broker, name: 'api', log });
  const check = () =>
    publisher.isReady() ? Promise.resolve() : Promise.reject(new Error('no channel'));
  return {
    publisher,
    checks: [{ name: 'rabbitmq', required: false, check }],
    close: () => publisher.close(),
  };
}
