import { createAuditTrail } from '../../adapters/postgres/audit-trail';
import { createIdempotencyStore } from '../../adapters/postgres/idempotency';
import { createOutboxDesk } from '../../adapters/postgres/outbox-desk';
import { createPaymentIntake } from '../../adapters/postgres/payment-intake';
import { createOpenRequests } from '../../adapters/postgres/payment-requests';
import { createPendingRefunds } from '../../adapters/postgres/pending-refunds';
import { createRequestIntake } from '../../adapters/postgres/request-intake';
import { createTimelineReader } from '../../adapters/postgres/timeline-reader';
import { createReconciliationDesk } from '../../adapters/postgres/reconciliation-desk';
import { createIdempotencyCache } from '../../adapters/redis/idempotency-cache';
import { createCustomerActions } from '../../adapters/stripe/customer-actions';
import { systemClock } from '../../adapters/system/clock';
import { timeOrderedIds } from '../../adapters/system/ids';
import { createOperatorRequests } from '../../adapters/temporal/operator-requests';
import { createRefundStarter } from '../../adapters/temporal/refund-starter';
import { createReconciliationStarter } from '../../adapters/temporal/reconciliation-starter';
import { createSagaRequests } from '../../adapters/temporal/saga-requests';
import { createSagaStarter } from '../../adapters/temporal/saga-starter';
import { tracePublisher } from '../../adapters/tracing/traced-messages';
import { traceSagaStarter } from '../../adapters/tracing/traced-saga';
import { createAcceptPayment } from '../../application/accept-payment';
import { createAcceptRefund } from '../../application/accept-refund';
import { createAcceptRequest } from '../../application/accept-request';
import { createOperateOnPayment } from '../../application/operator-action';
import type { OutcomeWaiter } from '../../application/outcome-waiter';
import type { CustomerActions } from '../../application/ports/customer-actions';
import type { Log } from '../../application/ports/log';
import type { PaymentReader } from '../../application/ports/payment-reader';
import type { Tracing } from '../../application/ports/tracing';
import { createRedriveOutbox } from '../../application/redrive-outbox';
import { createReadTimeline } from '../../application/timeline';
import { createStartReconciliation } from '../../application/start-reconciliation';
import { traceAcceptance } from '../../application/trace-acceptance';
import type { Registry } from 'prom-client';
import type { ApiConfig } from '../../config';
import { mostRedriven } from '../../contracts/schemas/api-outbox';
import { taskQueues } from '../../contracts/workflow-names';
import type { Clients } from './clients';
import { newsUseCases } from './news-use-cases';

const sagaStartTimeoutMs = 5_000;
/** A payment is shown without its next action rather than late. */
const actionTimeoutMs = 3_000;

export interface UseCaseParts {
  readonly config: ApiConfig;
  readonly log: Log;
  readonly clients: Clients;
  readonly payments: PaymentReader;
  readonly waiter: OutcomeWaiter;
  readonly tracing: Tracing | null;
  readonly registry: Registry;
}

/** What the routes call, built on the process's connections. */
export function createUseCases(parts: UseCaseParts) {
  const { config, clients, tracing } = parts;
  const { prisma } = clients.database;
  const keyed = keyedDeps(parts);
  const saga = sagaOptions(parts);
  const outbox = createOutboxDesk(prisma);
  const audit = createAuditTrail(prisma);
  return {
    acceptPayment: traceAcceptance(
      createAcceptPayment({
        ...keyed,
        flags: config.flags,
        intake: createPaymentIntake(prisma),
        sagas: traceSagaStarter(createSagaStarter(saga), tracing),
      }),
      tracing,
    ),
    acceptRefund: createAcceptRefund({
      ...keyed,
      intake: createRequestIntake(prisma),
      pendingRefunds: createPendingRefunds(prisma),
      refundStarter: createRefundStarter(saga),
      asyncCommands: config.flags.asyncCommands,
    }),
    acceptRequest: createAcceptRequest({
      ...keyed,
      intake: createRequestIntake(prisma),
      requests: createOpenRequests(prisma),
      sagaRequests: createSagaRequests(saga),
      asyncCommands: config.flags.asyncCommands,
    }),
    operateOnPayment: createOperateOnPayment({
      ...keyed,
      intake: createRequestIntake(prisma),
      audit,
      operatorRequests: createOperatorRequests(saga),
    }),
    readTimeline: createReadTimeline({
      payments: parts.payments,
      timelines: createTimelineReader(prisma),
    }),
    ...newsUseCases(parts, { keyed, saga }),
    outbox,
    redriveOutbox: createRedriveOutbox({
      ...{ outbox, audit, ids: keyed.ids, log: keyed.log },
      signal: clients.signal,
      limit: mostRedriven,
    }),
    ...reconciliations(parts),
    actions: customerActions(parts),
    audit,
  };
}

/** What every request with an idempotency key needs. */
function keyedDeps({ config, log, clients, payments, waiter, tracing }: UseCaseParts) {
  return {
    keys: createIdempotencyStore(clients.database.prisma),
    cache: createIdempotencyCache({
      client: clients.redis.client,
      keyPrefix: config.REDIS_KEY_PREFIX,
      keepMs: config.IDEMPOTENCY_CACHE_MS,
      log,
    }),
    publisher: tracePublisher(clients.broker.publisher, tracing),
    signal: clients.signal,
    payments,
    waiter,
    clock: systemClock,
    ids: timeOrderedIds,
    waitCapMs: config.API_WAIT_CAP_MS,
    lockMs: config.IDEMPOTENCY_LOCK_MS,
    log,
  };
}

function sagaOptions({ config, clients }: UseCaseParts) {
  return {
    client: clients.temporal.client,
    taskQueue: config.SAGA_TASK_QUEUE ?? taskQueues.saga,
    budgets: config.sagaBudgets,
    timeoutMs: sagaStartTimeoutMs,
  };
}

function reconciliations({ config, clients }: UseCaseParts) {
  const desk = createReconciliationDesk(clients.database.prisma);
  const starter = createReconciliationStarter({
    client: clients.temporal.client,
    taskQueue: config.SAGA_TASK_QUEUE ?? taskQueues.saga,
    settings: config.reconciliation,
    timeoutMs: sagaStartTimeoutMs,
  });
  const deps = { reconciliations: desk, starter, ids: timeOrderedIds };
  return { reconciliations: desk, startReconciliation: createStartReconciliation(deps) };
}

/** The one thing that the API itself asks the provider, and only where it was given a key. */
function customerActions({ config, log }: UseCaseParts): CustomerActions | null {
  if (config.STRIPE_API_KEY === undefined) return null;
  return createCustomerActions({
    apiKey: config.STRIPE_API_KEY,
    timeoutMs: actionTimeoutMs,
    ...(config.STRIPE_API_URL === undefined ? {} : { apiUrl: config.STRIPE_API_URL }),
    log,
  });
}
