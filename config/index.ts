import { z } from 'zod';
import type { FeatureFlags } from '../contracts/flags';
import type { SagaBudgets } from '../contracts/saga';
import { ConfigError, readEnvironment } from './environment';
import type { Environment } from './environment';
import {
  apiVariables,
  commandVariables,
  flagVariables,
  outboxVariables,
  processVariables,
  rabbitVariables,
  redisVariables,
  sagaBudgetVariables,
  sagaVariables,
  stripeVariables,
  temporalVariables,
  tracingVariables,
  workerVariables,
} from './variables';

export { ConfigError } from './environment';
export type { Environment } from './environment';

/** The settings of the API process. @throws ConfigError with every problem at once */
export function loadApiConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...processVariables,
      ...tracingVariables,
      ...flagVariables,
      ...rabbitVariables,
      ...redisVariables,
      ...temporalVariables,
      ...apiVariables,
      ...sagaBudgetVariables,
      SAGA_TASK_QUEUE: sagaVariables.SAGA_TASK_QUEUE,
    },
    environment,
  );
  if (values.IDEMPOTENCY_LOCK_MS <= values.API_WAIT_CAP_MS) {
    // Else a repeat takes the key over while its first request still waits.
    throw new ConfigError(['IDEMPOTENCY_LOCK_MS: must be longer than API_WAIT_CAP_MS']);
  }
  return Object.freeze({
    ...values,
    flags: featureFlags(values),
    sagaBudgets: sagaBudgets(values),
  });
}

/** The settings of the outbox worker. @throws ConfigError with every problem at once */
export function loadOutboxWorkerConfig(environment: Environment) {
  return Object.freeze(
    readEnvironment(
      {
        ...processVariables,
        ...tracingVariables,
        ...rabbitVariables,
        ...temporalVariables,
        ...workerVariables,
        ...outboxVariables,
      },
      environment,
    ),
  );
}

/** The settings of the command worker. @throws ConfigError with every problem at once */
export function loadCommandWorkerConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...processVariables,
      ...tracingVariables,
      ...rabbitVariables,
      ...temporalVariables,
      ...stripeVariables,
      ...workerVariables,
      ...sagaVariables,
      ...commandVariables,
    },
    environment,
  );
  const problems = [
    ...(values.NODE_ENV === 'production' && values.CRASH_POINT
      ? ['CRASH_POINT: kills the process on purpose and is refused in production']
      : []),
    ...(values.SAGA_AUTHORIZE_TIMEOUT_MS <= values.STRIPE_TIMEOUT_MS
      ? ['SAGA_AUTHORIZE_TIMEOUT_MS: must be longer than STRIPE_TIMEOUT_MS']
      : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...values, sagaBudgets: sagaBudgets(values) });
}

/**
 * The flags, and the servers by which to see what they mean for work in flight, where they are set.
 * @throws ConfigError with every problem at once
 */
export function loadPhaseConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...flagVariables,
      DATABASE_URL: processVariables.DATABASE_URL.optional(),
      RABBITMQ_URL: rabbitVariables.RABBITMQ_URL.optional(),
    },
    environment,
  );
  return Object.freeze({ ...values, flags: featureFlags(values) });
}

/**
 * What the doctor looks at. What only one of the processes needs may be missing here, and the form
 * of the webhook secret is left to the doctor's own finding.
 * @throws ConfigError with every problem at once
 */
export function loadDoctorConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...flagVariables,
      ...rabbitVariables,
      ...temporalVariables,
      DATABASE_URL: processVariables.DATABASE_URL,
      REDIS_URL: redisVariables.REDIS_URL.optional(),
      STRIPE_API_KEY: stripeVariables.STRIPE_API_KEY.optional(),
      STRIPE_API_URL: stripeVariables.STRIPE_API_URL,
      STRIPE_WEBHOOK_SECRET: z.string().optional(),
    },
    environment,
  );
  return Object.freeze({ ...values, flags: featureFlags(values) });
}

/** Whether a text has the form of one signing secret of Stripe, or of several parted by commas. */
export function isWebhookSecret(text: string): boolean {
  return apiVariables.STRIPE_WEBHOOK_SECRET.safeParse(text).success;
}

export type DoctorConfig = ReturnType<typeof loadDoctorConfig>;
export type ApiConfig = ReturnType<typeof loadApiConfig>;
export type OutboxWorkerConfig = ReturnType<typeof loadOutboxWorkerConfig>;
export type CommandWorkerConfig = ReturnType<typeof loadCommandWorkerConfig>;

type BudgetValues = { readonly [Name in keyof typeof sagaBudgetVariables]: number };

function sagaBudgets(values: BudgetValues): SagaBudgets {
  return {
    authorize: {
      attempts: values.SAGA_AUTHORIZE_ATTEMPTS,
      timeoutMs: values.SAGA_AUTHORIZE_TIMEOUT_MS,
      totalMs: values.SAGA_AUTHORIZE_BUDGET_MS,
    },
    undo: {
      attempts: values.SAGA_UNDO_ATTEMPTS,
      timeoutMs: values.SAGA_UNDO_TIMEOUT_MS,
      totalMs: values.SAGA_UNDO_BUDGET_MS,
    },
    recordTimeoutMs: values.SAGA_RECORD_TIMEOUT_MS,
    retryInitialMs: values.SAGA_RETRY_INITIAL_MS,
    retryMaxMs: values.SAGA_RETRY_MAX_MS,
  };
}

function featureFlags(values: {
  readonly ENABLE_ASYNC_COMMANDS: boolean;
  readonly ENABLE_OUTBOX_PATTERN: boolean;
  readonly ENABLE_RETRY_LOGIC: boolean;
  readonly ENABLE_COMPENSATION: boolean;
}): FeatureFlags {
  return {
    asyncCommands: values.ENABLE_ASYNC_COMMANDS,
    outboxPattern: values.ENABLE_OUTBOX_PATTERN,
    retryLogic: values.ENABLE_RETRY_LOGIC,
    compensation: values.ENABLE_COMPENSATION,
  };
}
