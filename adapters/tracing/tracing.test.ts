import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MessagePublisher, OutboundMessage } from '../../application/ports/message-publisher';
import type { PaymentProvider } from '../../application/ports/payment-provider';
import type { SagaStarter } from '../../application/ports/saga-starter';
import type { SagaStore } from '../../application/ports/saga-store';
import type { Tracing } from '../../application/ports/tracing';
import { tracePublisher, traceHandler } from './traced-messages';
import { traceProvider } from './traced-provider';
import { traceSagaStarter, traceSagaStore } from './traced-saga';
import { startTracing } from './tracing';
import type { ProcessTracing } from './tracing';

const cause = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const notSampled = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
const warnings: string[] = [];
const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_fields: object, message: string) => void warnings.push(message),
  error: () => undefined,
};

let silentCollector: ReturnType<typeof createServer>;
let process: ProcessTracing;
let tracing: Tracing;

beforeAll(async () => {
  silentCollector = createServer((request) => void request.resume());
  await new Promise<void>((resolve) => silentCollector.listen(0, '127.0.0.1', resolve));
  const { port } = silentCollector.address() as AddressInfo;
  const config = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  process = startTracing({ config, service: 'paysaga-api', log });
  tracing = process.tracing!;
});
afterAll(() => {
  silentCollector.closeAllConnections();
  silentCollector.close();
});

const plan = { name: 'a step', kind: 'internal' } as const;
const traceOf = (traceparent: string | null) => traceparent?.split('-')[1];

describe('a span', () => {
  it('belongs to the trace of its cause, under an id of its own', async () => {
    const traceparent = await tracing.inSpan({ ...plan, parent: cause }, async (span) => {
      expect(tracing.current()).toBe(span.traceparent);
      return span.traceparent;
    });
    expect(traceOf(traceparent)).toBe(traceOf(cause));
    expect(traceparent).not.toBe(cause);
    expect(tracing.current()).toBeNull();
  });

  it('without a cause belongs to the span under way, across waiting and beside others', async () => {
    const inner = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return tracing.inSpan(plan, async (span) => span.traceparent);
    };
    const [ours, other] = await Promise.all([
      tracing.inSpan({ ...plan, parent: cause }, inner),
      tracing.inSpan(plan, inner),
    ]);
    expect(traceOf(ours)).toBe(traceOf(cause));
    expect(traceOf(other)).not.toBe(traceOf(cause));
  });

  it.each(['', '00-a-b-01', 'nonsense'])('under the cause %j begins a trace', async (parent) => {
    const traceparent = await tracing.inSpan({ ...plan, parent }, async (span) => span.traceparent);
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('of a caller who does not sample is not sampled either', async () => {
    const work = async () => tracing.current();
    expect(await tracing.inSpan({ ...plan, parent: notSampled }, work)).toMatch(/-00$/);
  });

  it('lets the failure of its work through as it is', async () => {
    const failure = new Error('as it is');
    await expect(tracing.inSpan(plan, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});

describe('a message', () => {
  const sent: OutboundMessage[] = [];
  const publisher: MessagePublisher = {
    publish: async (message) => {
      sent.push(message);
      return { kind: 'confirmed' };
    },
  };
  const message: OutboundMessage = {
    ...{ id: 'id', type: 'type', exchange: 'exchange', routingKey: 'key', payload: {} },
    headers: { traceparent: cause },
  };
  beforeEach(() => void (sent.length = 0));

  it('carries the span of its publishing, and its consumer goes on from there', async () => {
    await tracePublisher(publisher, tracing).publish(message);
    const carried = sent[0]?.headers['traceparent'] ?? null;
    expect(traceOf(carried)).toBe(traceOf(cause));
    expect(carried).not.toBe(cause);
    const handler = traceHandler(async () => String(tracing.current()), {
      tracing,
      queue: 'queue',
    });
    const delivery = { ...message, headers: { traceparent: carried }, deliveryCount: 0 };
    const handledIn = await handler(delivery);
    expect(traceOf(handledIn)).toBe(traceOf(cause));
    expect(handledIn).not.toBe(carried);
  });

  it('of no trace stays without one', async () => {
    await tracePublisher(publisher, tracing).publish({ ...message, headers: {} });
    expect(sent[0]?.headers).toEqual({});
  });
});

describe('a saga', () => {
  const payment = {
    ...{ paymentId: 'pay_1', merchantId: 'mer_1', amountMinor: 1, currency: 'EUR' },
    flags: { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true },
    traceparent: cause,
  };
  const startedIn = async (given: Parameters<SagaStarter['start']>[0]) => {
    let seen: string | null = null;
    const start = async () => {
      seen = tracing.current();
      return 'started_or_running' as const;
    };
    await traceSagaStarter({ start }, tracing).start(given);
    return seen;
  };

  it('that the sweeper starts belongs to the trace of its payment, and to none without one', async () => {
    expect(traceOf(await startedIn(payment))).toBe(traceOf(cause));
    expect(await startedIn({ ...payment, traceparent: null })).toBeNull();
  });

  it('writes events under the step at work, and under the payment’s trace outside of one', async () => {
    const written: (string | null)[] = [];
    const plain = {
      transition: async (change: Parameters<SagaStore['transition']>[0]) => {
        written.push(change.payment.traceparent);
        return true;
      },
    };
    const store = traceSagaStore(plain as unknown as SagaStore, tracing);
    const change = { payment, to: 'processing' } as unknown as Parameters<
      SagaStore['transition']
    >[0];
    await store.transition(change);
    const step = await tracing.inSpan({ ...plan, parent: cause }, async (span) => {
      await store.transition(change);
      return span.traceparent;
    });
    expect(written).toEqual([cause, step]);
  });
});

it('without an endpoint every part is the plain one, so that tracing costs nothing', async () => {
  const off = startTracing({ config: {}, service: 'paysaga-api', log });
  expect(off.tracing).toBeNull();
  const plain = {} as MessagePublisher & SagaStarter & SagaStore & PaymentProvider;
  const handler = async () => 'ack';
  expect(tracePublisher(plain, null)).toBe(plain);
  expect(traceProvider(plain, null)).toBe(plain);
  expect(traceSagaStarter(plain, null)).toBe(plain);
  expect(traceSagaStore(plain, null)).toBe(plain);
  expect(traceHandler(handler, { tracing: null, queue: 'queue' })).toBe(handler);
  await off.close();
});

// Last, because it ends the tracing of the others.
it('a collector that never answers holds the end of the process up for some 3 s, and is told of', async () => {
  const startedAt = performance.now();
  await process.close();
  expect(performance.now() - startedAt).toBeLessThan(4_500);
  expect(warnings).toContain('spans were not taken by the collector');
}, 10_000);
