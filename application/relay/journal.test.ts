import type { Log } from '../ports/log';
import type { RelayMetrics } from '../ports/metrics';
import { FakeBroker, FakeOutbox, startDrain } from './fakes.fixture';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traced = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };

/** Drains until the drain has told what is awaited; @returns everything it told by then. */
async function told(fakes: { outbox: FakeOutbox; broker: FakeBroker }, awaited: string, rows = 1) {
  const lines: { message: string; fields: object }[] = [];
  const counted: string[] = [];
  let seen = 0;
  let heard: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const write = (fields: object, message: string) => {
    lines.push({ message, fields });
    if (message !== awaited) return;
    seen += 'count' in fields ? Number(fields.count) : 1;
    if (seen >= rows) heard();
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const metrics: RelayMetrics = {
    confirmed: ({ type, waitMs }) => counted.push(`confirmed ${type} ${waitMs >= 0}`),
    refused: (type) => counted.push(`refused ${type}`),
    dead: (type) => counted.push(`dead ${type}`),
    returned: (exchange) => counted.push(`returned ${exchange}`),
    interrupted: () => counted.push('interrupted'),
  };
  const drain = startDrain(fakes, {}, { log, metrics });
  await done;
  await drain.stop();
  const awaitedLines = lines.filter(({ message }) => message === awaited);
  return { counted, lines: awaitedLines, fields: awaitedLines[0]?.fields };
}

let fakes: { outbox: FakeOutbox; broker: FakeBroker };
beforeEach(() => {
  fakes = { outbox: new FakeOutbox(), broker: new FakeBroker() };
});

test('a published batch is logged with the payment and the trace of each message', async () => {
  fakes.outbox.add('pay_1', 'id1', traced);
  const { counted, fields } = await told(fakes, 'outbox batch published');
  expect(fields).toEqual({
    count: 1,
    messages: [{ outboxId: 'id1', type: 'payment.created.v1', paymentId: 'pay_1', traceId }],
  });
  expect(counted).toEqual(['confirmed payment.created.v1 true']);
});

test('a dead letter is logged with its payment, its trace and the reason, and counted once', async () => {
  fakes.outbox.add('pay_1', 'id1', { ...traced, 'paysaga-max-attempts': '2' });
  fakes.broker.answer = ({ exchange }) =>
    exchange === 'payment.dead' ? { kind: 'confirmed' } : { kind: 'rejected', reason: 'NO_ROUTE' };
  const { counted, fields } = await told(fakes, 'outbox event is dead');
  expect(fields).toMatchObject({ paymentId: 'pay_1', traceId, attempt: 2, reason: 'NO_ROUTE' });
  expect(counted).toEqual(['refused payment.created.v1', 'dead payment.created.v1']);
});

test('an outage of the broker is counted, and no refusal is', async () => {
  fakes.outbox.add('pay_1', 'id1');
  fakes.broker.answer = () => {
    fakes.broker.answer = () => ({ kind: 'confirmed' });
    return { kind: 'unavailable', reason: 'connection lost' };
  };
  const { counted } = await told(fakes, 'outbox batch published');
  expect(counted).toEqual(['interrupted', 'confirmed payment.created.v1 true']);
});

test('a draining backlog is one short line, with its count', async () => {
  for (let n = 0; n < 500; n += 1) fakes.outbox.add(`pay_${n}`, `id${n}`);
  const { counted, lines } = await told(fakes, 'outbox batch published', 500);
  const batches = lines.map(({ fields }) => fields as { count: number; messages: object[] });
  expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(500);
  for (const { messages } of batches) expect(messages.length).toBeLessThanOrEqual(20);
  expect(counted).toHaveLength(500);
});
