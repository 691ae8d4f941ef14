import type { SagaStart, SagaStartOutcome } from '../application/ports/saga-starter';
import { SagaRefused, SagaUnavailable } from '../application/ports/saga-starter';
import { processPaymentCommand, processPaymentCommandType } from '../contracts/messages';
import { createCommandHandler, startsSaga } from './process-command';

const command = processPaymentCommand({
  id: '0199aaaa-0000-7000-8000-000000000001',
  occurredAt: new Date('2026-01-01T00:00:00Z'),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: {
    payment_id: 'pay_1',
    merchant_id: 'mer_1',
    amount: 1_250,
    currency: 'EUR',
    idempotency_key: 'order-7',
    flags: { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true },
  },
});

function handler(start: () => Promise<SagaStartOutcome>) {
  const started: SagaStart[] = [];
  const lines: object[] = [];
  const results: string[] = [];
  const write = (fields: object) => void lines.push(fields);
  const sagas = {
    start: (payment: SagaStart) => {
      started.push(payment);
      return start();
    },
  };
  const handle = createCommandHandler({
    handlers: { [processPaymentCommandType]: startsSaga(sagas) },
    log: { debug: write, info: write, warn: write, error: write },
    metrics: { handled: ({ result }) => void results.push(result) },
  });
  const deliver = (content: string) =>
    handle({ id: command.id, content: Buffer.from(content), redelivered: false });
  return { deliver, started, lines, results };
}

const running = async (): Promise<SagaStartOutcome> => 'started_or_running';

test('a command starts the saga of its payment and is logged with its idempotency key and trace', async () => {
  const { deliver, started, lines, results } = handler(running);
  expect(await deliver(JSON.stringify(command))).toBe('ack');
  expect(results).toEqual(['started']);
  expect(started).toMatchObject([{ paymentId: 'pay_1', amountMinor: 1_250, currency: 'EUR' }]);
  expect(lines).toMatchObject([
    {
      idempotencyKey: 'order-7',
      paymentId: 'pay_1',
      workflowId: 'payment:pay_1',
      traceId: '0af7651916cd43dd8448eb211c80319c',
    },
  ]);
});

test('a command whose saga has ended is done', async () => {
  const { deliver, results } = handler(async () => 'already_completed');
  expect(await deliver(JSON.stringify(command))).toBe('ack');
  expect(results).toEqual(['already_completed']);
});

test.each([
  ['no JSON', '{'],
  ['another type', JSON.stringify({ ...command, type: 'payment.commands.other.v1' })],
  ['an amount that is no whole number', JSON.stringify(withData({ amount: 0.5 }))],
  ['a currency nobody can pay in', JSON.stringify(withData({ currency: 'ZZZ' }))],
  ['an id too long for a workflow', JSON.stringify(withData({ payment_id: 'p'.repeat(1_001) }))],
  ['no flags', JSON.stringify(withData({ flags: undefined }))],
])('a message with %s is poison, and its content stays out of the log', async (_, content) => {
  const { deliver, started, lines, results } = handler(running);
  expect(await deliver(content)).toBe('reject');
  expect(results).toEqual(['rejected']);
  expect(started).toEqual([]);
  expect(JSON.stringify(lines)).not.toContain('order-7');
});

test('an outage of Temporal keeps the command and pauses', async () => {
  const { deliver, results } = handler(async () => {
    throw new SagaUnavailable('away');
  });
  expect(await deliver(JSON.stringify(command))).toBe('pause');
  expect(results).toEqual(['kept']);
});

test('a command whose saga is refused for good is rejected, so that the next ones are not held up', async () => {
  const { deliver, lines } = handler(async () => {
    throw new SagaRefused('never');
  });
  expect(await deliver(JSON.stringify(command))).toBe('reject');
  expect(lines).toMatchObject([{ paymentId: 'pay_1' }]);
});

function withData(change: object): object {
  return { ...command, data: { ...command.data, ...change } };
}
