import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createApp } from '../../api/app';
import type { AppDeps } from '../../api/dependencies';
import { listen } from '../../api/http-server';
import { createMetrics } from '../../api/metrics';
import { createIdempotencyCache } from '../../adapters/redis/idempotency-cache';
import { createRateLimits } from '../../adapters/redis/rate-limiter';
import { connectRedis } from '../../adapters/redis/redis-connection';
import { createAuditTrail } from '../../adapters/postgres/audit-trail';
import { createApiKey, createApiKeyReader, seedMerchant } from '../../adapters/postgres/api-keys';
import { createDatabase } from '../../adapters/postgres/client';
import { createIdempotencyStore } from '../../adapters/postgres/idempotency';
import { createOutboxDesk } from '../../adapters/postgres/outbox-desk';
import { createPaymentIntake } from '../../adapters/postgres/payment-intake';
import { createPaymentReader } from '../../adapters/postgres/payment-reader';
import { createOpenRequests } from '../../adapters/postgres/payment-requests';
import { createPendingRefunds } from '../../adapters/postgres/pending-refunds';
import { createKeptEvents } from '../../adapters/postgres/kept-events';
import { createReconciliationDesk } from '../../adapters/postgres/reconciliation-desk';
import { createRequestIntake } from '../../adapters/postgres/request-intake';
import { createTimelineReader } from '../../adapters/postgres/timeline-reader';
import { createProviderEventStore } from '../../adapters/postgres/stripe-events';
import { createWebhookVerifier } from '../../adapters/stripe/webhook-verifier';
import { systemClock } from '../../adapters/system/clock';
import { timeOrderedIds } from '../../adapters/system/ids';
import { createAcceptPayment } from '../../application/accept-payment';
import type { AcceptPaymentDeps } from '../../application/accept-payment';
import { createAcceptRefund } from '../../application/accept-refund';
import type { AcceptRefundDeps } from '../../application/accept-refund';
import { createAcceptRequest } from '../../application/accept-request';
import type { AcceptRequestDeps } from '../../application/accept-request';
import { createReadTimeline } from '../../application/timeline';
import { createAuthenticate } from '../../application/authenticate';
import { createRedriveOutbox } from '../../application/redrive-outbox';
import { createOperateOnPayment } from '../../application/operator-action';
import type { OperatorActionDeps } from '../../application/operator-action';
import { createOutcomeWaiter } from '../../application/outcome-waiter';
import type { Log } from '../../application/ports/log';
import type { SagaNews } from '../../application/ports/saga-news';
import { createReceiveEvent } from '../../application/receive-event';
import type { ReceiveEventDeps } from '../../application/receive-event';
import { createSynchronizePayment } from '../../application/synchronize-payment';
import type { SynchronizeDeps } from '../../application/synchronize-payment';
import type { PrismaClient } from '../../generated/prisma/client';
import type { Scope } from '../../contracts/api-payment';

import { createTestDatabase } from '../support/database';
import { expectDocumented } from '../support/documented-answers';
import { silentLog } from '../support/silent-log';
import { fromStack, testRedisPrefix } from '../support/stack-environment';

export const webhookSecret = 'whsec_integration';

/** A migrated database of its own, and a client to look into it. */
export async function openDatabase() {
  const created = await createTestDatabase();
  const sql = new Client({ connectionString: created.url });
  await sql.connect();
  return {
    url: created.url,
    sql,
    close: async () => {
      await sql.end();
      await created.drop();
    },
  };
}

export type OpenDatabase = Awaited<ReturnType<typeof openDatabase>>;

export interface RigOptions {
  readonly database: OpenDatabase;
  readonly redisUrl?: string;
  readonly log?: Log;
  readonly redisPrefix?: string;
  /** Requests in a minute; none that a test would reach where it is not set. */
  readonly limits?: { readonly perKey: number; readonly perAddress: number };
  readonly accept?: Partial<AcceptPaymentDeps>;
  readonly request?: Partial<AcceptRequestDeps>;
  readonly operator?: Partial<OperatorActionDeps>;
  readonly refund?: Partial<AcceptRefundDeps>;
  readonly receive?: Partial<ReceiveEventDeps>;
  readonly synchronize?: Partial<SynchronizeDeps>;
  readonly app?: Partial<AppDeps>;
}

const unexpected = () => Promise.reject(new Error('no saga is expected to be told'));
const unexpectedNews: SagaNews = {
  tellPayment: unexpected,
  tellRefund: unexpected,
  applyFact: unexpected,
  factApplied: unexpected,
};

/** The API on real Postgres and Redis, with sagas and broker replaced by what a test gives. */
export async function startApi(options: RigOptions) {
  const log = options.log ?? silentLog;
  const keyPrefix = options.redisPrefix ?? testRedisPrefix();
  const database = createDatabase({
    databaseUrl: options.database.url,
    poolSize: 10,
    applicationName: 'api-test',
    log,
  });
  const { prisma } = database;
  const redis = connectRedis({
    url: options.redisUrl ?? fromStack('REDIS_URL'),
    log,
    // On a busy machine an answer takes longer than the API would wait; a test of counts needs it.
    ...(options.limits ? { commandTimeoutMs: 5_000 } : {}),
  });
  const payments = createPaymentReader(prisma);
  const waiter = createOutcomeWaiter({
    answered: (ids) => payments.answered(ids),
    pollMs: 10,
    log,
  });
  const rateLimits = createRateLimits({
    ...(options.limits ?? { perKey: 1_000_000, perAddress: 1_000_000 }),
    windowMs: 60_000,
    client: redis.client,
    keyPrefix,
    log,
  });
  const deps: AcceptPaymentDeps = {
    flags: { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true },
    intake: createPaymentIntake(prisma),
    keys: createIdempotencyStore(prisma),
    cache: createIdempotencyCache({ client: redis.client, keyPrefix, keepMs: 60_000, log }),
    sagas: { start: () => Promise.reject(new Error('no saga is expected')) },
    publisher: { publish: () => Promise.reject(new Error('no publish is expected')) },
    signal: { notify: () => undefined },
    payments,
    waiter,
    clock: systemClock,
    ids: timeOrderedIds,
    waitCapMs: 20_000,
    lockMs: 30_000,
    log,
    ...options.accept,
  };
  const outbox = createOutboxDesk(prisma);
  const audit = createAuditTrail(prisma);
  const app = createApp({
    acceptPayment: createAcceptPayment(deps),
    acceptRefund: createAcceptRefund({
      ...deps,
      intake: createRequestIntake(prisma),
      pendingRefunds: createPendingRefunds(prisma),
      refundStarter: { start: () => Promise.reject(new Error('no refund saga is expected')) },
      asyncCommands: deps.flags.asyncCommands,
      ...options.refund,
    }),
    acceptRequest: createAcceptRequest({
      ...deps,
      intake: createRequestIntake(prisma),
      requests: createOpenRequests(prisma),
      sagaRequests: { handOver: () => Promise.reject(new Error('no hand-over is expected')) },
      asyncCommands: deps.flags.asyncCommands,
      ...options.request,
    }),
    operateOnPayment: createOperateOnPayment({
      ...deps,
      intake: createRequestIntake(prisma),
      audit,
      operatorRequests: { submit: () => Promise.reject(new Error('no operator is expected')) },
      ...options.operator,
    }),
    readTimeline: createReadTimeline({ payments, timelines: createTimelineReader(prisma) }),
    outbox,
    redriveOutbox: createRedriveOutbox({ ...deps, outbox, audit, limit: 1_000 }),
    actions: null,
    reconciliations: createReconciliationDesk(prisma),
    startReconciliation: () => Promise.reject(new Error('no reconciliation is expected')),
    authenticate: createAuthenticate({
      keys: createApiKeyReader(prisma),
      clock: systemClock,
      strangers: rateLimits.strangers,
    }),
    rateLimits,
    trustedProxies: [],
    audit,
    payments,
    webhooks: createWebhookVerifier({ secrets: [webhookSecret], clock: systemClock }),
    receiveEvent: createReceiveEvent({
      ...deps,
      events: createProviderEventStore(prisma),
      applying: {
        events: createKeptEvents(prisma),
        sagas: unexpectedNews,
        metrics: { applied: () => undefined, caughtUp: () => undefined },
        log,
      },
      ...options.receive,
    }),
    synchronizePayment: createSynchronizePayment({
      ...deps,
      intake: createRequestIntake(prisma),
      sagaNews: unexpectedNews,
      ...options.synchronize,
    }),
    metrics: createMetrics(),
    checks: [],
    isDraining: () => false,
    publicUrl: '',
    log,
    ...options.app,
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    url: server.url,
    prisma,
    redis: redis.client,
    keyPrefix,
    waiter,
    newKey: (merchantId: string, scopes: readonly Scope[] = ['read', 'write']) =>
      newKey(prisma, merchantId, scopes),
    close: async () => {
      waiter.close();
      await server.drain(2_000);
      await redis.close();
      await database.close();
    },
  };
}

export type Api = Awaited<ReturnType<typeof startApi>>;

async function newKey(prisma: PrismaClient, merchantId: string, scopes: readonly Scope[]) {
  await seedMerchant(prisma, { id: merchantId, name: merchantId });
  return (await createApiKey(prisma, { merchantId, scopes })).secret;
}

export const goodBody = { amount: 1250, currency: 'EUR', payment_method: 'pm_card_visa' };

/** Sends POST /v1/payments, or to another path. A text body goes out as it is. */
export async function post(
  api: { readonly url: string },
  request: {
    readonly secret: string;
    readonly path?: string;
    readonly key?: string;
    readonly body?: object | string;
    readonly headers?: Record<string, string>;
  },
) {
  const body = request.body ?? goodBody;
  return send(`${api.url}${request.path ?? '/v1/payments'}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${request.secret}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': request.key ?? randomUUID(),
      ...request.headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function get(url: string, secret: string) {
  return send(url, { headers: { Authorization: `Bearer ${secret}` } });
}

/** Every answer of these tests is held against the API's own document. */
export async function send(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  const { status, headers } = response;
  const contentType = headers.get('Content-Type') ?? '';
  expectDocumented({ method: init.method ?? 'GET', url, status, contentType, text });
  return { status, headers, text, json: () => JSON.parse(text) };
}

/** Moves a payment to a status as the saga's statement would. */
export async function settle(
  database: OpenDatabase,
  change: { readonly paymentId: string; readonly to: string; readonly failureCode?: string },
) {
  await database.sql.query(
    `WITH updated AS (
       UPDATE payments SET status = $2, version = version + 1, failure_code = $3,
         failure_message = $3,
         captured_minor = CASE WHEN $2 = 'succeeded' THEN amount_minor ELSE 0 END,
         held_minor = CASE WHEN $2 = 'authorized' THEN amount_minor ELSE 0 END
       WHERE id = $1 RETURNING id, version, held_minor, captured_minor, currency)
     INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
     SELECT id, version, side.account, side.sign * side.amount, currency
       FROM updated, LATERAL (VALUES
         ('provider_balance', 1, captured_minor), ('merchant_payable', -1, captured_minor),
         ('held_by_issuer', 1, held_minor), ('hold_owed', -1, held_minor)
       ) AS side(account, sign, amount)
      WHERE side.amount > 0`,
    [change.paymentId, change.to, change.failureCode ?? null],
  );
}
