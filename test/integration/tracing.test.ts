import { eventually } from '../support/eventually';
import { createTestVhost } from '../support/vhost';
import type { TestVhost } from '../support/vhost';
import { goodBody, post } from './api-rig.fixture';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';
import { newSecret, startCollector, startFleet, treeOf } from './tracing.fixture';
import type { CollectedSpan, Collector } from './tracing.fixture';

const callersTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpan = '00f067aa0ba902b7';
const traceparent = `00-${callersTrace}-${callersSpan}-01`;

let rig: SagaRig;
let vhost: TestVhost;
let collector: Collector;
let secret: string;
let kill: () => Promise<unknown> = () => Promise.resolve();

beforeAll(async () => {
  rig = await createSagaRig({ withWorker: false });
  secret = await newSecret(rig);
});
afterAll(() => rig?.close());
beforeEach(async () => {
  [vhost, collector] = await Promise.all([createTestVhost(), startCollector()]);
});
afterEach(async () => {
  await kill();
  await collector.close();
  await vhost.drop();
});

/** Starts the processes, pays once, and stops them, upon which they send what they still hold. */
async function payOnce(
  env: Record<string, string>,
  request: { readonly body?: object; readonly headers?: Record<string, string> } = {},
) {
  // Only a process that flushes on its way out sends anything before this is over.
  const slow = { OTEL_BSP_SCHEDULE_DELAY: '600000', ...env };
  const fleet = await startFleet(rig, { rabbitUrl: vhost.url, env: slow });
  kill = fleet.kill;
  const answer = await post(fleet.api, {
    secret,
    body: { ...goodBody, ...request.body },
    headers: request.headers ?? { traceparent },
  });
  const paymentId: string = answer.json().id;
  await rig.settled(paymentId);
  await eventually(async () => {
    const { rows } = await rig.pool.query(
      'SELECT type FROM outbox_events WHERE aggregate_id = $1 AND published_at IS NULL',
      [paymentId],
    );
    expect(rows).toEqual([]);
  });
  expect(await fleet.stop()).toEqual([0, 0, 0]);
  return paymentId;
}

async function storedTraceparents(paymentId: string): Promise<(string | null)[]> {
  const { rows } = await rig.pool.query(
    `SELECT traceparent FROM payments WHERE id = $1
     UNION ALL SELECT headers->>'traceparent' FROM outbox_events WHERE aggregate_id = $1
     UNION ALL SELECT payload->>'traceparent' FROM outbox_events WHERE aggregate_id = $1`,
    [paymentId],
  );
  return rows.map((row) => row.traceparent);
}

function named(name: string): CollectedSpan {
  const found = collector.spans.filter((span) => span.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

test('one payment is one trace from its request to the provider, through both workers', async () => {
  const paymentId = await payOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });

  expect([...collector.paths]).toEqual(['POST /v1/traces']);
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([callersTrace]));
  const tree = treeOf(collector.spans, callersSpan);
  expect(tree).toEqual([
    'api: POST /v1/payments',
    '  api: accept payment',
    '    outbox-worker: publish payment.accepted.v1',
    '    outbox-worker: publish payment.commands.process.v1',
    '      command-worker: process payment.commands.process.v1',
    '        command-worker: StartWorkflow:processPayment',
    '          command-worker: RunActivity:authorizePayment',
    '            command-worker: stripe payment_intents.create',
    '            command-worker: stripe payment_intents.confirm',
    '            outbox-worker: publish payment.processing.v1',
    '          command-worker: RunActivity:recordOutcome',
    '            outbox-worker: publish payment.succeeded.v1',
  ]);
  // Nothing that hangs on no other span is left beside the tree.
  expect(tree).toHaveLength(collector.spans.length);
  expect(collector.spans.filter((span) => span.failed)).toEqual([]);
  const [stored] = await storedTraceparents(paymentId);
  expect(stored).toBe(`00-${callersTrace}-${named('accept payment').spanId}-01`);
  const confirmed = named('stripe payment_intents.confirm');
  expect(confirmed.attributes).toEqual({
    'stripe.operation': 'payment_intents.confirm',
    'stripe.request_id': expect.stringMatching(/^req_/),
    'stripe.idempotent_replayed': false,
    'http.response.status_class': '2xx',
  });
});

test('a payment made by the API itself is one trace too, and its spans tell no amount or method', async () => {
  const amount = 7_654_321;
  await payOnce(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      ENABLE_ASYNC_COMMANDS: 'false',
      ENABLE_OUTBOX_PATTERN: 'false',
    },
    {
      body: { amount, payment_method: 'pm_card_chargeDeclined', reference: 'a-reference' },
      headers: {},
    },
  );

  expect(new Set(collector.spans.map((span) => span.traceId)).size).toBe(1);
  const tree = treeOf(collector.spans, undefined);
  expect(tree).toEqual([
    'api: POST /v1/payments',
    '  api: accept payment',
    '    api: publish payment.accepted.v1',
    '    api: StartWorkflow:processPayment',
    '      command-worker: RunActivity:authorizePayment',
    '        command-worker: publish payment.processing.v1',
    '        command-worker: stripe payment_intents.create',
    '        command-worker: stripe payment_intents.confirm',
    '      command-worker: RunActivity:releaseFunds',
    '        command-worker: stripe payment_intents.retrieve',
    '        command-worker: stripe payment_intents.cancel',
    '      command-worker: RunActivity:recordOutcome',
    '        command-worker: publish payment.failed.v1',
  ]);
  expect(tree).toHaveLength(collector.spans.length);
  expect(named('stripe payment_intents.confirm').attributes).toMatchObject({
    'http.response.status_class': '4xx',
    'paysaga.declined': true,
  });
  const told = collector.spans.flatMap((span) => Object.values(span.attributes)).join(' ');
  for (const secretive of [String(amount), 'pm_card', 'a-reference', secret, 'sk_test']) {
    expect(told).not.toContain(secretive);
  }
});

test('without an endpoint nothing is sent, and the caller’s traceparent is kept as it came', async () => {
  const paymentId = await payOnce({
    // The library alone would take this one.
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_BSP_SCHEDULE_DELAY: '10',
  });

  expect(collector.spans).toEqual([]);
  expect(collector.paths.size).toBe(0);
  expect(new Set(await storedTraceparents(paymentId))).toEqual(new Set([traceparent]));
});
