import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Pool } from 'pg';
import { createActivities } from '../../activities';
import { createDatabase } from '../../adapters/postgres/client';
import { createDisputeStore } from '../../adapters/postgres/disputes';
import { createOpenRequests } from '../../adapters/postgres/payment-requests';
import { createPendingRefunds } from '../../adapters/postgres/pending-refunds';
import { createRefundStore } from '../../adapters/postgres/refund-store';
import { createParkedPayments } from '../../adapters/postgres/parked-payments';
import { createSagaStore } from '../../adapters/postgres/saga-store';
import { createUnsettledPayments } from '../../adapters/postgres/sweep';
import { createStripeProvider } from '../../adapters/stripe/stripe-provider';
import { createTemporalClient } from '../../adapters/temporal/client';
import { createRefundStarter } from '../../adapters/temporal/refund-starter';
import { createSagaStarter } from '../../adapters/temporal/saga-starter';
import { startSagaWorker } from '../../adapters/temporal/saga-worker';
import { registerSearchAttributes } from '../../adapters/temporal/search-attributes';
import { createSagaRequests } from '../../adapters/temporal/saga-requests';
import { deliverRefund } from '../../application/deliver-refund';
import { deliverRequest } from '../../application/deliver-request';
import type { MessagePublisher } from '../../application/ports/message-publisher';
import type { FeatureFlags } from '../../contracts/flags';
import type { SagaBudgets } from '../../contracts/saga';
import {
  processPaymentWorkflowId,
  refundPaymentWorkflowId,
  signals,
} from '../../contracts/workflow-names';
import { isSettled } from '../../domain/payment-states';
import { startSandbox } from '../../sandbox/server';
import { createTestDatabase } from '../support/database';
import { faultsOf } from '../support/documented-messages';
import { eventually } from '../support/eventually';
import { silenceTemporal, silentLog } from '../support/silent-log';
import { silentSagaMetrics } from '../support/silent-metrics';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';

export const allOn: FeatureFlags = {
  asyncCommands: true,
  outboxPattern: true,
  retryLogic: true,
  compensation: true,
};

/** Short enough for a test, long enough for two retries after a cut connection. */
export const testBudgets: SagaBudgets = {
  authorize: { attempts: 6, timeoutMs: 8_000, totalMs: 20_000 },
  undo: { attempts: 8, timeoutMs: 8_000, totalMs: 20_000 },
  recordTimeoutMs: 5_000,
  retryInitialMs: 20,
  retryMaxMs: 200,
};

export interface AcceptOptions {
  readonly paymentMethod?: string | null;
  readonly amountMinor?: number;
  readonly captureMethod?: 'automatic' | 'manual';
  readonly confirmation?: 'server' | 'client';
  readonly offSession?: boolean;
  readonly customer?: string;
  readonly setupFutureUsage?: 'on_session' | 'off_session';
  readonly returnUrl?: string;
  readonly holdPolicy?: 'capture' | 'void' | 'alert';
  readonly flags?: Partial<FeatureFlags>;
}

export interface StoredPayment {
  readonly status: string;
  readonly version: number;
  readonly held: number;
  readonly captured: number;
  readonly refunded: number;
  readonly failure_code: string | null;
  readonly decline_code: string | null;
  readonly provider_intent_id: string | null;
}

export interface LedgerLine {
  readonly status: string;
  readonly held: number;
  readonly captured: number;
  readonly refunded: number;
  readonly charges: number;
  readonly refunds: number;
}

/** A saga worker in this process on real Postgres, real Temporal and the Stripe sandbox. */
export type SagaRig = Awaited<ReturnType<typeof createSagaRig>>;

export async function createSagaRig(
  options: {
    readonly budgets?: Partial<SagaBudgets>;
    readonly publisher?: MessagePublisher;
    readonly stripeTimeoutMs?: number;
    readonly withWorker?: boolean;
  } = {},
) {
  // Without a worker nothing would end the SDK's runtime, and with it the test process.
  if (options.withWorker !== false) silenceTemporal();
  const [database, sandbox] = await Promise.all([createTestDatabase(), startSandbox()]);
  const pool = new Pool({ connectionString: database.url, max: 4 });
  // A client that was ended may still be open when the database is dropped, which cuts it off.
  pool.on('error', () => undefined);
  const db = createDatabase({
    databaseUrl: database.url,
    poolSize: 8,
    applicationName: 'saga-rig',
    log: silentLog,
  });
  const where = { address: fromStack('TEMPORAL_ADDRESS'), namespace: testNamespace() };
  const temporal = createTemporalClient(where);
  await registerSearchAttributes({ client: temporal.client, log: silentLog });
  const taskQueue = uniqueName('saga');
  const budgets = { ...testBudgets, ...options.budgets };
  const sagaOptions = { client: temporal.client, taskQueue, budgets, timeoutMs: 5_000 };
  const sagas = createSagaStarter(sagaOptions);
  const publisher = options.publisher ?? confirmingPublisher();
  const deps = {
    store: createSagaStore(db.prisma),
    refunds: createRefundStore(db.prisma),
    disputes: createDisputeStore(db.prisma),
    unsettled: createUnsettledPayments(db.prisma),
    parked: createParkedPayments(db.prisma),
    leftovers: [],
    provider: createStripeProvider({
      apiKey: 'sk_test_rig',
      apiUrl: sandbox.url,
      timeoutMs: options.stripeTimeoutMs ?? 2_000,
    }),
    publisher,
    outboxSignal: { notify: () => undefined },
    crashPoints: { reach: () => undefined },
    sagas,
    log: silentLog,
    metrics: silentSagaMetrics,
  };
  const activities = createActivities(deps);
  const worker =
    options.withWorker === false
      ? null
      : await startSagaWorker({
          ...where,
          taskQueue,
          activities,
          workflows: { workflowsPath: path.join(__dirname, '../../workflows') },
          identity: taskQueue,
          shutdownGraceMs: 1_000,
        });
  const refundDelivery = {
    pendingRefunds: createPendingRefunds(db.prisma),
    refundStarter: createRefundStarter(sagaOptions),
    log: silentLog,
  };
  const merchantId = `mer_${randomUUID()}`;
  await pool.query('INSERT INTO merchants (id, name) VALUES ($1, $2)', [merchantId, 'Rig']);

  return {
    pool,
    databaseUrl: database.url,
    sandboxUrl: sandbox.url,
    merchantId,
    temporal: temporal.client,
    taskQueue,
    sagas,
    sagaOptions,
    deps,
    activities,
    /** Stores a payment as the API does, without the command. @returns its id */
    async accept(payment: AcceptOptions = {}): Promise<string> {
      return acceptPayment(pool, { merchantId, ...payment });
    },
    /** Accepts and starts a payment, and waits until its saga has nothing left to do. */
    async pay(payment: AcceptOptions = {}): Promise<string> {
      const paymentId = await this.accept(payment);
      await this.start(paymentId);
      await this.settled(paymentId);
      return paymentId;
    },
    async start(paymentId: string) {
      const { rows } = await pool.query('SELECT * FROM payments WHERE id = $1', [paymentId]);
      return sagas.start({
        paymentId,
        merchantId,
        amountMinor: Number(rows[0].amount_minor),
        currency: rows[0].currency,
        flags: rows[0].flags,
      });
    },
    read: (paymentId: string) => readPayment(pool, paymentId),
    /** Waits until the payment has the status. */
    reaches: (paymentId: string, status: string, timeoutMs = 30_000) =>
      eventually(
        async () => {
          const payment = await readPayment(pool, paymentId);
          if (payment.status !== status) throw new Error(`is ${payment.status}`);
          return payment;
        },
        { timeoutMs },
      ),
    /** Asks for a capture or cancel as the API does, and hands it to the saga. @returns its id */
    async ask(paymentId: string, kind: 'capture' | 'cancel', amountMinor = 1_250) {
      const requestId = await storeRequest(pool, { paymentId, kind, amountMinor });
      await deliverRequest(
        {
          requests: createOpenRequests(db.prisma),
          sagaRequests: createSagaRequests(sagaOptions),
          log: silentLog,
        },
        requestId,
      );
      return requestId;
    },
    /** What delivers stored refunds, to whom it may concern. */
    refundDelivery,
    /** Stores a refund as the API does, without its event. @returns its id */
    storeRefund: (paymentId: string, amountMinor = 1_250) =>
      storeRefund(pool, { paymentId, amountMinor }),
    /** Stores a refund and starts its saga. @returns its id */
    async refund(paymentId: string, amountMinor = 1_250) {
      const refundId = await storeRefund(pool, { paymentId, amountMinor });
      await deliverRefund(refundDelivery, refundId);
      return refundId;
    },
    refundHandle: (refundId: string) =>
      temporal.client.workflow.getHandle(refundPaymentWorkflowId(refundId)),
    request: async (requestId: string) => {
      const { rows } = await pool.query<{ state: string; refusal: string | null }>(
        'SELECT state, refusal FROM payment_requests WHERE id = $1',
        [requestId],
      );
      return rows[0];
    },
    /** Tells the saga that the provider may have something new to say, as a webhook does. */
    news: (paymentId: string) =>
      temporal.client.workflow
        .getHandle(processPaymentWorkflowId(paymentId))
        .signal(signals.providerNews),
    settled: (paymentId: string, timeoutMs = 30_000) =>
      eventually(
        async () => {
          const payment = await readPayment(pool, paymentId);
          if (!isSettled(payment.status as 'pending')) throw new Error(`is ${payment.status}`);
          return payment;
        },
        { timeoutMs },
      ),
    /** Waits for the end of the workflow itself. */
    closed: (paymentId: string) =>
      temporal.client.workflow.getHandle(processPaymentWorkflowId(paymentId)).result(),
    handle: (paymentId: string) =>
      temporal.client.workflow.getHandle(processPaymentWorkflowId(paymentId)),
    ledger: async (paymentId: string): Promise<LedgerLine[]> =>
      control(sandbox.url, 'GET', `ledger?metadata[paysaga_payment_id]=${paymentId}`).then(
        (answer) => (answer as { data: LedgerLine[] }).data,
      ),
    requests: async (intentId: string): Promise<{ route: string; idempotencyKey: string }[]> =>
      control(sandbox.url, 'GET', `requests?payment_intent=${intentId}`).then(
        (answer) => (answer as { data: { route: string; idempotencyKey: string }[] }).data,
      ),
    fault: (fault: object) => control(sandbox.url, 'POST', 'faults', fault),
    clearFaults: () => control(sandbox.url, 'DELETE', 'faults'),
    control: (method: string, route: string, body?: object) =>
      control(sandbox.url, method, route, body),
    async close() {
      await worker?.shutdown();
      await expectDocumentedMessages(pool);
      await temporal.close();
      await db.close();
      await pool.end();
      await sandbox.close();
      await database.drop();
    },
  };
}

function confirmingPublisher(): MessagePublisher {
  return { publish: async () => ({ kind: 'confirmed' }) };
}

async function acceptPayment(
  pool: Pool,
  options: AcceptOptions & { readonly merchantId: string },
): Promise<string> {
  const id = `pay_${randomUUID().replaceAll('-', '')}`;
  const amount = options.amountMinor ?? 1_250;
  await pool.query(
    `WITH payment AS (
       INSERT INTO payments
         (id, merchant_id, status, version, amount_minor, currency, payment_method, flags,
          capture_method, confirmation, off_session, return_url, hold_policy, customer,
          setup_future_usage)
       VALUES ($1, $2, 'pending', 1, $3, 'EUR', $4, $5, $7, $8, $9, $10, $11, $12, $13)
       RETURNING id)
     INSERT INTO payment_transitions
       (payment_id, version, to_status, event_id, event_type, event_data, published_at)
     SELECT id, 1, 'pending', $6, 'payment.accepted.v1', '{}', now() FROM payment`,
    [
      id,
      options.merchantId,
      amount,
      options.paymentMethod === undefined ? 'pm_card_visa' : options.paymentMethod,
      JSON.stringify({ ...allOn, ...options.flags }),
      randomUUID(),
      options.captureMethod ?? 'automatic',
      options.confirmation ?? 'server',
      options.offSession ?? false,
      options.returnUrl ?? null,
      options.holdPolicy ?? 'void',
      options.customer ?? null,
      options.setupFutureUsage ?? null,
    ],
  );
  return id;
}

/** Stores a capture or cancel as the API does, without the command. @returns its id */
export async function storeRequest(
  pool: Pool,
  request: { readonly paymentId: string; readonly kind: string; readonly amountMinor?: number },
): Promise<string> {
  const id = `req_${randomUUID().replaceAll('-', '')}`;
  const { paymentId, kind, amountMinor } = request;
  await pool.query(
    'INSERT INTO payment_requests (id, payment_id, kind, amount_minor) VALUES ($1, $2, $3, $4)',
    [id, paymentId, kind, kind === 'capture' ? (amountMinor ?? 1_250) : null],
  );
  return id;
}

async function storeRefund(
  pool: Pool,
  { paymentId, amountMinor }: { readonly paymentId: string; readonly amountMinor: number },
): Promise<string> {
  const id = `re_${randomUUID().replaceAll('-', '')}`;
  await pool.query(
    `INSERT INTO refunds (id, payment_id, amount_minor, currency, status, reason)
     VALUES ($1, $2, $3, 'EUR', 'pending', 'requested_by_merchant')`,
    [id, paymentId, amountMinor],
  );
  return id;
}

async function readPayment(pool: Pool, paymentId: string): Promise<StoredPayment> {
  const { rows } = await pool.query<StoredPayment>(
    `SELECT status, version, held_minor::int AS held, captured_minor::int AS captured, refunded_minor::int AS refunded,
       failure_code, decline_code, provider_intent_id
     FROM payments WHERE id = $1`,
    [paymentId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`${paymentId} does not exist`);
  return row;
}

/** Every message that the tests of this rig have made is what the AsyncAPI document says. */
async function expectDocumentedMessages(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ type: string; payload: unknown }>(
    'SELECT type, payload FROM outbox_events',
  );
  expect(rows.flatMap(faultsOf)).toEqual([]);
}

/** Lets the database refuse for good that this payment succeeded. */
export async function plantRefusal({ pool }: { pool: Pool }, paymentId: string): Promise<void> {
  const name = `refuse_${paymentId}`;
  await pool.query(`
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.id = '${paymentId}' AND NEW.status = 'succeeded' THEN
        RAISE EXCEPTION 'planted';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER ${name} BEFORE UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION ${name}()`);
}

async function control(url: string, method: string, route: string, body?: object) {
  const response = await fetch(`${url}/_sandbox/${route}`, {
    method,
    signal: AbortSignal.timeout(5_000),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(`sandbox ${route}: ${response.status}`);
  return response.json();
}
