import { randomUUID } from 'node:crypto';
import { createPublisher } from '../../adapters/rabbitmq/publisher';
import {
  deliverRequestCommand,
  processPaymentCommand,
  refundCommand,
} from '../../contracts/messages';
import { exchanges, routingKeys } from '../../contracts/topology';
import { fromStack, testNamespace, uniqueName } from '../support/stack-environment';
import { startProcess } from '../support/process';
import type { TestProcess } from '../support/process';
import { createTestVhost } from '../support/vhost';
import { eventually } from '../support/eventually';
import { silentLog } from '../support/silent-log';
import { allOn, storeRequest } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

/** A broker and a task queue of its own, on which real command workers are started. */
export async function createWorkerBench(rig: SagaRig) {
  const vhost = await createTestVhost();
  const publisher = createPublisher({ url: vhost.url, name: 'bench', log: silentLog });
  await publisher.ready(AbortSignal.timeout(10_000));
  const taskQueue = uniqueName('worker');
  const started: TestProcess[] = [];

  async function start(env: Record<string, string> = {}): Promise<TestProcess> {
    const worker = await startProcess({
      entry: 'workers/commands.js',
      portVariable: 'WORKER_COMMANDS_PORT',
      env: { ...workerEnvironment(rig, { rabbitUrl: vhost.url, taskQueue }), ...env },
    });
    started.push(worker);
    return worker;
  }

  async function publish(message: { id: string; payload: unknown }) {
    const outcome = await publisher.publish({
      ...message,
      type: 'payment.commands.process.v1',
      exchange: exchanges.commands,
      routingKey: routingKeys.processPayment,
      headers: {},
    });
    if (outcome.kind !== 'confirmed') throw new Error(`not published: ${outcome.reason}`);
  }

  return {
    vhost,
    start,
    publish,
    command: (paymentId: string) => publish(commandFor(rig, paymentId)),
    /** Asks for a capture once the payment is held, as the API and the relay do. */
    async capture(paymentId: string) {
      await rig.reaches(paymentId, 'authorized');
      const requestId = await storeRequest(rig.pool, { paymentId, kind: 'capture' });
      await publish(deliveryOf({ paymentId, requestId }));
    },
    refundCommand: (paymentId: string, refundId: string) =>
      publish(refundCommandFor(paymentId, refundId)),
    /** Ready messages and unacknowledged ones of a queue, once the broker's statistics show them. */
    queueDepth: async (queue: string): Promise<number> => {
      const state = (await vhost.manage(`queues/%v/${queue}`)) as { messages?: number };
      return state.messages ?? -1;
    },
    async close() {
      await Promise.all(started.map((worker) => worker.kill('SIGKILL').catch(() => undefined)));
      await publisher.close();
      await vhost.drop();
    },
  };
}

export function untilLogged(worker: TestProcess, text: string): Promise<void> {
  return eventually(() => {
    if (!worker.log().includes(text)) throw new Error(`the log does not say ${text}`);
  });
}

function deliveryOf(of: { readonly paymentId: string; readonly requestId: string }) {
  const id = randomUUID();
  const payload = deliverRequestCommand({
    id,
    occurredAt: new Date(),
    traceparent: null,
    data: { payment_id: of.paymentId, request_id: of.requestId },
  });
  return { id, payload };
}

function commandFor(rig: SagaRig, paymentId: string) {
  const id = randomUUID();
  const payload = processPaymentCommand({
    id,
    occurredAt: new Date(),
    traceparent: null,
    data: {
      payment_id: paymentId,
      merchant_id: rig.merchantId,
      amount: 1_250,
      currency: 'EUR',
      idempotency_key: `key-of-${paymentId}`,
      flags: allOn,
    },
  });
  return { id, payload };
}

function refundCommandFor(paymentId: string, refundId: string) {
  const id = randomUUID();
  const payload = refundCommand({
    id,
    occurredAt: new Date(),
    traceparent: null,
    data: { payment_id: paymentId, refund_id: refundId },
  });
  return { id, payload };
}

function workerEnvironment(
  rig: SagaRig,
  own: { readonly rabbitUrl: string; readonly taskQueue: string },
): Record<string, string> {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    DATABASE_URL: rig.databaseUrl,
    DATABASE_POOL_SIZE: '4',
    RABBITMQ_URL: own.rabbitUrl,
    TEMPORAL_ADDRESS: fromStack('TEMPORAL_ADDRESS'),
    TEMPORAL_NAMESPACE: testNamespace(),
    WORKFLOW_BUNDLE_PATH: fromStack('WORKFLOW_BUNDLE_PATH'),
    STRIPE_API_KEY: 'sk_test_worker',
    STRIPE_API_URL: rig.sandboxUrl,
    STRIPE_TIMEOUT_MS: '1000',
    SAGA_TASK_QUEUE: own.taskQueue,
    // A killed worker's step is taken over when this is over.
    SAGA_AUTHORIZE_TIMEOUT_MS: '4500',
    SAGA_UNDO_TIMEOUT_MS: '4000',
    SAGA_RETRY_INITIAL_MS: '50',
    SAGA_RETRY_MAX_MS: '500',
  };
}
