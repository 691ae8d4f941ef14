import { z } from 'zod';
import { readEnvironment } from './environment';
import type { Environment } from './environment';
import { featureFlags } from './flags';
import {
  databaseAddress,
  databaseServer,
  rabbitAddress,
  rabbitServer,
  redisAddress,
  redisServer,
  refuseContradictions,
  temporalAddress,
  temporalServer,
} from './servers';
import { reconciliationSettings } from './reconciliation';
import {
  apiVariables,
  flagVariables,
  reconciliationVariables,
  sagaVariables,
  stripeVariables,
} from './variables';

/** The database alone, as migrations and keys need it. @throws ConfigError with every problem at once */
export function loadDatabaseConfig(environment: Environment) {
  const values = readEnvironment(databaseServer, environment);
  refuseContradictions(values);
  return Object.freeze({ database: databaseAddress(values) });
}

/** What starts and reads reconciliations. @throws ConfigError with every problem at once */
export function loadReconcileConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...databaseServer,
      ...temporalServer,
      ...reconciliationVariables,
      SAGA_TASK_QUEUE: sagaVariables.SAGA_TASK_QUEUE,
    },
    environment,
  );
  refuseContradictions(values);
  return Object.freeze({
    ...values,
    database: databaseAddress(values),
    temporal: temporalAddress(values),
    reconciliation: reconciliationSettings(values),
  });
}

/** The database and the provider, as the auditor reads them. @throws ConfigError with every problem */
export function loadAuditConfig(environment: Environment) {
  const values = readEnvironment({ ...databaseServer, ...stripeVariables }, environment);
  refuseContradictions(values);
  const { STRIPE_API_KEY: apiKey, STRIPE_API_URL: apiUrl, STRIPE_TIMEOUT_MS: timeoutMs } = values;
  return Object.freeze({
    database: databaseAddress(values),
    stripe: { apiKey, timeoutMs, ...(apiUrl === undefined ? {} : { apiUrl }) },
  });
}

/**
 * The flags, and the servers by which to see what they mean for work in flight; null where the
 * address is not set.
 * @throws ConfigError with every problem at once
 */
export function loadPhaseConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...flagVariables,
      ...databaseServer,
      ...rabbitServer,
      DATABASE_URL: databaseServer.DATABASE_URL.optional(),
      RABBITMQ_URL: rabbitServer.RABBITMQ_URL.optional(),
    },
    environment,
  );
  refuseContradictions(values);
  const { DATABASE_URL, RABBITMQ_URL } = values;
  return Object.freeze({
    flags: featureFlags(values),
    database: DATABASE_URL === undefined ? null : databaseAddress({ ...values, DATABASE_URL }),
    broker: RABBITMQ_URL === undefined ? null : rabbitAddress({ ...values, RABBITMQ_URL }),
  });
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
      ...databaseServer,
      ...rabbitServer,
      ...redisServer,
      ...temporalServer,
      REDIS_URL: redisServer.REDIS_URL.optional(),
      STRIPE_API_KEY: stripeVariables.STRIPE_API_KEY.optional(),
      STRIPE_API_URL: stripeVariables.STRIPE_API_URL,
      STRIPE_WEBHOOK_SECRET: z.string().optional(),
    },
    environment,
  );
  refuseContradictions(values);
  const { REDIS_URL } = values;
  return Object.freeze({
    ...values,
    flags: featureFlags(values),
    database: databaseAddress(values),
    broker: rabbitAddress(values),
    redis: REDIS_URL === undefined ? null : redisAddress({ ...values, REDIS_URL }),
    temporal: temporalAddress(values),
  });
}

export type DoctorConfig = ReturnType<typeof loadDoctorConfig>;

/** Whether a text has the form of one signing secret of Stripe, or of several parted by commas. */
export function isWebhookSecret(text: string): boolean {
  return apiVariables.STRIPE_WEBHOOK_SECRET.safeParse(text).success;
}
