import { createRateLimits } from '../adapters/redis/rate-limiter';
import { createApiKeyReader } from '../adapters/postgres/api-keys';
import { createPaymentReader } from '../adapters/postgres/payment-reader';
import { createWebhookVerifier } from '../adapters/stripe/webhook-verifier';
import { systemClock } from '../adapters/system/clock';
import { createLogger, isTerminal } from '../adapters/system/logger';
import { aborted, limitShutdown, stopSignal } from '../adapters/system/shutdown';
import type { ShutdownLimit } from '../adapters/system/shutdown';
import { startTracing } from '../adapters/tracing/tracing';
import { createAuthenticate } from '../application/authenticate';
import { createOutcomeWaiter } from '../application/outcome-waiter';
import type { Log } from '../application/ports/log';
import type { Tracing } from '../application/ports/tracing';
import { ConfigError, loadApiConfig } from '../config';
import type { ApiConfig } from '../config';
import { createApp } from './app';
import { listen } from './http-server';
import { createMetrics } from './metrics';
import { closeAll, connect, readinessChecks } from './composition/clients';
import { createUseCases } from './composition/use-cases';

// Longer than the longest wait for an outcome, which the drain itself ends early.
const drainGraceMs = 15_000;
/** On top of the grace of what is under way: for the connections to say goodbye. */
const closeMs = 5_000;

/** The API process: config, parts, listen, signal, drain, close in reverse. */
async function main(): Promise<void> {
  const config = loadApiConfig(process.env);
  const log = createLogger({
    service: 'api',
    level: config.LOG_LEVEL,
    pretty: config.NODE_ENV !== 'production' && isTerminal(),
  });
  const stop = stopSignal();
  const limit = limitShutdown({ stop, limitMs: config.SHUTDOWN_GRACE_MS + closeMs, log });
  warnOfLoss(config, log);
  const traces = startTracing({ config, service: 'paysaga-api', log });
  const parts = build(config, log, traces.tracing);
  const server = await listen(parts.app, { host: config.API_HOST, port: config.API_PORT });
  log.info({ url: server.url, flags: config.flags }, 'api listens');
  await aborted(stop);
  log.info({}, 'api drains');
  parts.startDraining();
  await limit.waitFor('requests', server.drain(Math.min(drainGraceMs, config.SHUTDOWN_GRACE_MS)));
  await parts.close(limit);
  await limit.waitFor('traces', traces.close());
  log.info({}, 'api stopped');
}

function build(config: ApiConfig, log: Log, tracing: Tracing | null) {
  const clients = connect(config, log, tracing);
  const payments = createPaymentReader(clients.database.prisma);
  const waiter = createOutcomeWaiter({
    answered: (ids) => payments.answered(ids),
    pollMs: config.API_WAIT_POLL_MS,
    log,
  });
  const rateLimits = createRateLimits({
    perKey: config.RATE_LIMIT_PER_KEY,
    perAddress: config.RATE_LIMIT_PER_ADDRESS,
    windowMs: config.RATE_LIMIT_WINDOW_MS,
    client: clients.redis.client,
    keyPrefix: config.REDIS_KEY_PREFIX,
    log,
  });
  const metrics = createMetrics();
  const state = { isDraining: false };
  const app = createApp({
    ...createUseCases({
      config,
      log,
      clients,
      payments,
      waiter,
      tracing,
      registry: metrics.registry,
    }),
    authenticate: createAuthenticate({
      keys: createApiKeyReader(clients.database.prisma),
      clock: systemClock,
      strangers: rateLimits.strangers,
    }),
    rateLimits,
    trustedProxies: config.API_TRUSTED_PROXIES,
    payments,
    webhooks: createWebhookVerifier({
      secrets: config.STRIPE_WEBHOOK_SECRET.split(','),
      clock: systemClock,
    }),
    metrics,
    checks: readinessChecks(clients),
    isDraining: () => state.isDraining,
    tracing,
    publicUrl: (config.API_PUBLIC_URL ?? '').replace(/\/+$/, ''),
    log,
  });
  return {
    app,
    startDraining: () => {
      state.isDraining = true;
      waiter.close();
    },
    close: (limit: ShutdownLimit) => closeAll(clients, limit),
  };
}

function warnOfLoss(config: ApiConfig, log: Log): void {
  if (config.flags.outboxPattern) return;
  log.warn(
    {},
    'ENABLE_OUTBOX_PATTERN is off: a crash after a commit loses its messages, and their order may change',
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const text = error instanceof ConfigError ? error.message : `api failed: ${String(error)}`;
    process.stderr.write(`${text}\n`);
    process.exit(1);
  },
);
