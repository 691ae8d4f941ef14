import { eventually } from '../support/eventually';
import { createTestVhost } from '../support/vhost';
import { goodBody, post } from './api-rig.fixture';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';
import { newSecret, startCollector, startFleet, treeOf } from './tracing.fixture';
import type { CollectedSpan, Collector, FleetOptions } from './tracing.fixture';

const callersTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpan = '00f067aa0ba902b7';
const traceparent = `00-${callersTrace}-${callersSpan}-01`;

let rig: SagaRig;
let collector: Collector;
let secret: string;

beforeAll(async () => {
  rig = await createSagaRig({ withWorker: false });
  secret = await newSecret(rig);
});
afterAll(() => rig?.close());
beforeAll(async () => void (collector = await startCollector()));
afterAll(() => collector?.close());

interface Request {
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

/** Starts the processes, pays once at each API, and stops them, upon which they send what they hold. */
async function payAtEach(
  requests: readonly Request[],
  options: Pick<FleetOptions, 'env' | 'apis'>,
): Promise<string[]> {
  const vhost = await createTestVhost();
  const fleet = await startFleet(rig, { ...options, rabbitUrl: vhost.url });
  try {
    const paid = requests.map(async ({ body, headers }, index) => {
      const api = fleet.apis[index]!;
      const answer = await post(api, {
        secret,
        body: { ...goodBody, ...body },
        headers: headers ?? {},
      });
      const paymentId: string = answer.json().id;
      await rig.settled(paymentId);
      await published(paymentId);
      return paymentId;
    });
    const paymentIds = await Promise.all(paid);
    expect(new Set(await fleet.stop())).toEqual(new Set([0]));
    return paymentIds;
  } finally {
    await fleet.kill();
    await vhost.drop();
  }
}

async function published(paymentId: string): Promise<void> {
  await eventually(async () => {
    const { rows } = await rig.pool.query(
      'SELECT type FROM outbox_events WHERE aggregate_id = $1 AND published_at IS NULL',
      [paymentId],
    );
    expect(rows).toEqual([]);
  });
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

function named(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

const amount = 7_654_321;

describe('with a collector', () => {
  let relayed: string;
  let ofCaller: CollectedSpan[];
  let ofApi: CollectedSpan[];

  beforeAll(async () => {
    const direct = { ENABLE_ASYNC_COMMANDS: 'false', ENABLE_OUTBOX_PATTERN: 'false' };
    const declined = { amount, payment_method: 'pm_card_chargeDeclined', reference: 'a-reference' };
    [relayed = ''] = await payAtEach([{ headers: { traceparent } }, { body: declined }], {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
        // Only a process that flushes on its way out sends anything before this is over.
        OTEL_BSP_SCHEDULE_DELAY: '600000',
      },
      apis: [{}, direct],
    });
    ofCaller = collector.spans.filter((span) => span.traceId === callersTrace);
    ofApi = collector.spans.filter((span) => span.traceId !== callersTrace);
  });

  test('one payment is one trace from its request to the provider, through both workers', async () => {
    expect([...collector.paths]).toEqual(['POST /v1/traces']);
    const tree = treeOf(ofCaller, callersSpan);
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
    expect(tree).toHaveLength(ofCaller.length);
    expect(ofCaller.filter((span) => span.failed)).toEqual([]);
    const [stored] = await storedTraceparents(relayed);
    expect(stored).toBe(`00-${callersTrace}-${named(ofCaller, 'accept payment').spanId}-01`);
    expect(named(ofCaller, 'stripe payment_intents.confirm').attributes).toEqual({
      'stripe.operation': 'payment_intents.confirm',
      'stripe.request_id': expect.stringMatching(/^req_/),
      'stripe.idempotent_replayed': false,
      'http.response.status_class': '2xx',
    });
  });

  test('a payment without outbox, command and caller’s trace is one trace too', () => {
    expect(new Set(ofApi.map((span) => span.traceId)).size).toBe(1);
    const tree = treeOf(ofApi, undefined);
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
    expect(tree).toHaveLength(ofApi.length);
    expect(named(ofApi, 'stripe payment_intents.confirm').attributes).toMatchObject({
      'http.response.status_class': '4xx',
      'paysaga.declined': true,
    });
  });

  test('no span tells an amount, a payment method, a reference or a key', () => {
    const told = collector.spans.flatMap((span) => Object.values(span.attributes)).join(' ');
    expect(told).toContain(relayed);
    for (const secretive of [String(amount), 'pm_card', 'a-reference', secret, 'sk_test']) {
      expect(told).not.toContain(secretive);
    }
  });
});

test('without an endpoint nothing is sent, and the caller’s traceparent is kept as it came', async () => {
  const unasked = await startCollector();
  const [paymentId = ''] = await payAtEach([{ headers: { traceparent } }], {
    env: {
      // The library alone would take this one.
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${unasked.url}/v1/traces`,
      OTEL_BSP_SCHEDULE_DELAY: '10',
    },
    apis: [{}],
  });
  await unasked.close();
  expect(unasked.paths.size).toBe(0);
  expect(new Set(await storedTraceparents(paymentId))).toEqual(new Set([traceparent]));
});
