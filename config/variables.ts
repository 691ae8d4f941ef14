import { z } from 'zod';

const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .default(fallback);

const port = (fallback: number) => integer(fallback, 0, 65_535);
const milliseconds = (fallback: number) => integer(fallback, 1, 7 * 24 * 3_600_000);
const day = 24 * 3_600_000;
const retention = (fallbackDays: number, min: number) =>
  integer(fallbackDays * day, min, 3_650 * day);
const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .default('true')
  .transform((text) => text === 'true');

const address = (schemes: string[]) =>
  z.string().refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)), {
    message: `must start with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const nodeEnv = z.enum(['development', 'test', 'production']).default('development');
const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info');

/** Read under their standard names; what else the standard names is left to the library. */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: address(['http', 'https']).optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .regex(
      /^[^=,\s]+=[^,]*(,\s*[^=,\s]+=[^,]*)*$/,
      'must be name=value, or several parted by commas',
    )
    .optional(),
};

export const processVariables = {
  NODE_ENV: nodeEnv,
  LOG_LEVEL: logLevel,
  DATABASE_URL: address(['postgresql', 'postgres']),
  DATABASE_POOL_SIZE: integer(10, 1, 200),
};

export const flagVariables = {
  ENABLE_ASYNC_COMMANDS: flag,
  ENABLE_OUTBOX_PATTERN: flag,
  ENABLE_RETRY_LOGIC: flag,
  ENABLE_COMPENSATION: flag,
};

export const rabbitVariables = { RABBITMQ_URL: address(['amqp', 'amqps']) };
export const redisVariables = {
  REDIS_URL: address(['redis', 'rediss']),
  REDIS_KEY_PREFIX: z.string().max(64).default('paysaga:'),
};

export const temporalVariables = {
  TEMPORAL_ADDRESS: z.string().regex(/^[^\s:/]+:\d+$/, 'must be host:port'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
};

export const apiVariables = {
  API_HOST: z.string().min(1).default('127.0.0.1'),
  API_PORT: port(3000),
  /** Where `type` links of errors and the docs point to. */
  API_PUBLIC_URL: address(['http', 'https']).optional(),
  API_WAIT_CAP_MS: milliseconds(20_000),
  API_WAIT_POLL_MS: milliseconds(25),
  IDEMPOTENCY_LOCK_MS: milliseconds(30_000),
  IDEMPOTENCY_CACHE_MS: milliseconds(24 * 3_600_000),
  RATE_LIMIT_WINDOW_MS: integer(10_000, 1_000, 3_600_000),
  RATE_LIMIT_PER_KEY: integer(20_000, 1, 1_000_000_000),
  RATE_LIMIT_PER_ADDRESS: integer(300, 1, 1_000_000_000),
  API_TRUSTED_PROXIES: z
    .string()
    .regex(
      /^(?:(?:loopback|linklocal|uniquelocal|[\da-fA-F.:]+(?:\/\d{1,3})?)(?:,\s*|$))+$/,
      'must be addresses, networks such as 10.0.0.0/8 or the word loopback, parted by commas',
    )
    .transform((text) => text.split(',').map((part) => part.trim()))
    .default([]),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[^,\s]+(,whsec_[^,\s]+)*$/, 'must be whsec_..., or several parted by commas'),
};

export const stripeVariables = {
  STRIPE_API_KEY: z.string().regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a Stripe secret key'),
  STRIPE_API_URL: address(['http', 'https']).optional(),
  STRIPE_TIMEOUT_MS: milliseconds(10_000),
};

/** Needed wherever sagas are started: the limits are part of a saga's input. */
export const sagaBudgetVariables = {
  SAGA_AUTHORIZE_ATTEMPTS: integer(8, 1, 1_000),
  SAGA_AUTHORIZE_TIMEOUT_MS: milliseconds(45_000),
  SAGA_AUTHORIZE_BUDGET_MS: milliseconds(10 * 60_000),
  SAGA_UNDO_ATTEMPTS: integer(60, 1, 10_000),
  SAGA_UNDO_TIMEOUT_MS: milliseconds(45_000),
  SAGA_UNDO_BUDGET_MS: milliseconds(6 * 3_600_000),
  SAGA_RECORD_TIMEOUT_MS: milliseconds(10_000),
  SAGA_RETRY_INITIAL_MS: milliseconds(500),
  SAGA_RETRY_MAX_MS: milliseconds(60_000),
  SAGA_ACTION_DEADLINE_MS: milliseconds(3_600_000),
  SAGA_ACTION_POLL_MS: milliseconds(300_000),
  SAGA_HOLD_NOTICE_MS: milliseconds(86_400_000),
  SAGA_HOLD_MARGIN_MS: milliseconds(3_600_000),
};

export const sagaVariables = {
  ...sagaBudgetVariables,
  SAGA_TASK_QUEUE: z.string().min(1).optional(),
  SWEEP_INTERVAL_MS: milliseconds(30_000),
  SWEEP_PENDING_AFTER_MS: milliseconds(30_000),
  SWEEP_PROCESSING_AFTER_MS: milliseconds(15 * 60_000),
  SWEEP_WAITING_AFTER_MS: integer(8 * 86_400_000, 1, 90 * 86_400_000),
  EVENTS_CATCH_UP_INTERVAL_MS: milliseconds(300_000),
  /** Names a step at which the process kills itself; refused in production. */
  CRASH_POINT: z.string().optional(),
};

export const workerVariables = {
  WORKFLOW_BUNDLE_PATH: z.string().min(1).optional(),
  WORKER_HEALTH_HOST: z.string().min(1).default('127.0.0.1'),
  SHUTDOWN_GRACE_MS: milliseconds(20_000),
};

export const outboxVariables = {
  WORKER_OUTBOX_PORT: port(3001),
  RELAY_TASK_QUEUE: z.string().min(1).optional(),
  RELAY_SHARD: integer(0, 0, 0),
  RELAY_POLL_MS: milliseconds(5_000),
  RELAY_WINDOW: integer(500, 1, 1_000),
  RELAY_BATCH: integer(2_000, 1, 10_000),
  RELAY_RETRY_INITIAL_MS: milliseconds(1_000),
  RELAY_RETRY_MAX_MS: milliseconds(60_000),
  RELAY_LEASE_MS: milliseconds(6_000),
  RELAY_RUN_MS: milliseconds(3_600_000),
  RELAY_HEARTBEAT_TIMEOUT_MS: milliseconds(5_000),
};

/** Needed wherever reconciliations are started: they are part of the workflow's input. */
export const reconciliationVariables = {
  RECONCILE_INTERVAL_MS: milliseconds(day),
  RECONCILE_OVERLAP_MS: milliseconds(3_600_000),
  RECONCILE_GRACE_MS: milliseconds(15 * 60_000),
  RECONCILE_REPAIR_WAIT_MS: milliseconds(5_000),
};

/** Schedules that the command workers keep. */
export const scheduleVariables = {
  JANITOR_INTERVAL_MS: milliseconds(10 * 60_000),
  OUTBOX_RETENTION_MS: retention(7, 3_600_000),
  INBOX_RETENTION_MS: retention(30, day),
  IDEMPOTENCY_RETENTION_MS: retention(7, day),
  WEBHOOK_RETENTION_MS: retention(30, day),
  ...reconciliationVariables,
};

export const commandVariables = {
  WORKER_COMMANDS_PORT: port(3002),
  COMMAND_PREFETCH: integer(32, 1, 32),
};
