import type { SagaBudgets } from '../contracts/saga';
import { ConfigError, readEnvironment } from './environment';
import type { Environment } from './environment';
import { featureFlags } from './flags';
import { reconciliationSettings } from './reconciliation';
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
import {
  apiVariables,
  commandVariables,
  flagVariables,
  outboxVariables,
  processVariables,
  reconciliationVariables,
  sagaBudgetVariables,
  sagaVariables,
  scheduleVariables,
  stripeVariables,
  tracingVariables,
  workerVariables,
} from './variables';

export { ConfigError } from './environment';
export {
  isWebhookSecret,
  loadAuditConfig,
  loadDatabaseConfig,
  loadDoctorConfig,
  loadPhaseConfig,
  loadReconcileConfig,
} from './operate';
export type { DoctorConfig } from './operate';
export type { Environment } from './environment';

/** The settings of the API process. @throws ConfigError with every problem at once */
export function loadApiConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...processVariables,
      ...databaseServer,
      ...tracingVariables,
      ...flagVariables,
      ...rabbitServer,
      ...redisServer,
      ...temporalServer,
      ...apiVariables,
      ...sagaBudgetVariables,
      ...reconciliationVariables,
      STRIPE_API_KEY: stripeVariables.STRIPE_API_KEY.optional(),
      STRIPE_API_URL: stripeVariables.STRIPE_API_URL,
      SAGA_TASK_QUEUE: sagaVariables.SAGA_TASK_QUEUE,
      SHUTDOWN_GRACE_MS: workerVariables.SHUTDOWN_GRACE_MS,
    },
    environment,
  );
  if (values.IDEMPOTENCY_LOCK_MS <= values.API_WAIT_CAP_MS) {
    // Else a repeat takes the key over while its first request still waits.
    throw new ConfigError(['IDEMPOTENCY_LOCK_MS: must be longer than API_WAIT_CAP_MS']);
  }
  refuseContradictions(values);
  return Object.freeze({
    ...values,
    database: databaseAddress(values),
    broker: rabbitAddress(values),
    redis: redisAddress(values),
    temporal: temporalAddress(values),
    flags: featureFlags(values),
    sagaBudgets: sagaBudgets(values),
    reconciliation: reconciliationSettings(values),
  });
}

/** The settings of the outbox worker. @throws ConfigError with every problem at once */
export function loadOutboxWorkerConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...processVariables,
      ...databaseServer,
      ...tracingVariables,
      ...rabbitServer,
      ...temporalServer,
      ...workerVariables,
      ...outboxVariables,
    },
    environment,
  );
  refuseContradictions(values);
  return Object.freeze({
    ...values,
    database: databaseAddress(values),
    broker: rabbitAddress(values),
    temporal: temporalAddress(values),
  });
}

// Create, confirm, a read, and one of them again with a new key. An attempt that is cut off between
// them counts as a failed one, although Stripe answered each call in time.
const callsInAnAttempt = 4;

/** The settings of the command worker. @throws ConfigError with every problem at once */
export function loadCommandWorkerConfig(environment: Environment) {
  const values = readEnvironment(
    {
      ...processVariables,
      ...databaseServer,
      ...tracingVariables,
      ...rabbitServer,
      ...temporalServer,
      ...stripeVariables,
      ...workerVariables,
      ...sagaVariables,
      ...scheduleVariables,
      ...commandVariables,
    },
    environment,
  );
  const problems = [
    ...(values.NODE_ENV === 'production' && values.CRASH_POINT
      ? ['CRASH_POINT: kills the process on purpose and is refused in production']
      : []),
    ...(values.SAGA_AUTHORIZE_TIMEOUT_MS <= callsInAnAttempt * values.STRIPE_TIMEOUT_MS
      ? [`SAGA_AUTHORIZE_TIMEOUT_MS: must be longer than ${callsInAnAttempt} STRIPE_TIMEOUT_MS`]
      : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  refuseContradictions(values);
  return Object.freeze({
    ...values,
    database: databaseAddress(values),
    broker: rabbitAddress(values),
    temporal: temporalAddress(values),
    sagaBudgets: sagaBudgets(values),
    reconciliation: reconciliationSettings(values),
  });
}

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
    waits: {
      actionMs: values.SAGA_ACTION_DEADLINE_MS,
      pollMs: values.SAGA_ACTION_POLL_MS,
      holdNoticeMs: values.SAGA_HOLD_NOTICE_MS,
      holdMarginMs: values.SAGA_HOLD_MARGIN_MS,
    },
  };
}
