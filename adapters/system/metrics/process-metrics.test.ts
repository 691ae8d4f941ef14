import type { PaymentProvider } from '../../../application/ports/payment-provider';
import { ProviderError } from '../../../application/ports/payment-provider';
import type { RelayStatus } from '../../../application/ports/relay-control';
import { createCommandMetrics } from './command-metrics';
import { createProcessMetrics } from './process-metrics';
import { createProviderMetrics, measuredProvider } from './provider-metrics';
import { createRelayMetrics } from './relay-metrics';
import { createSagaMetrics } from './saga-metrics';

const samples = (text: string, name: string) =>
  text.split('\n').filter((line) => line.startsWith(name));

test('the text holds the own metrics, the delay of the event loop and those of another exporter', async () => {
  const metrics = createProcessMetrics(async () => '# TYPE temporal_x counter\ntemporal_x 1\n');
  const text = await metrics.text();
  expect(samples(text, 'nodejs_eventloop_lag_p99_seconds')).toHaveLength(1);
  expect(samples(text, 'temporal_x ')).toEqual(['temporal_x 1']);
  expect(text.endsWith('\n')).toBe(true);
});

test('an exporter without an answer leaves the own metrics as they are', async () => {
  const text = await createProcessMetrics(async () => null).text();
  expect(samples(text, 'process_cpu_seconds_total')).toHaveLength(1);
});

test('a provider that invents codes makes no new time series', async () => {
  const { registry } = createProcessMetrics();
  const saga = createSagaMetrics(registry);
  const ended = { status: 'failed', currency: 'EUR', capturedMinor: 0, refundedMinor: 0 } as const;
  for (const failureCode of ['card_declined', 'new_1', 'new_2', null]) {
    saga.paymentEnded({ ...ended, failureCode });
  }
  const counted = samples(await registry.metrics(), 'paysaga_payments_ended_total{');
  expect(counted.filter((line) => !line.endsWith(' 0'))).toEqual([
    'paysaga_payments_ended_total{status="failed",failure="card_declined"} 1',
    'paysaga_payments_ended_total{status="failed",failure="other"} 2',
    'paysaga_payments_ended_total{status="failed",failure="none"} 1',
  ]);
});

test('only attempts after the first count as retries, and money is counted by currency', async () => {
  const { registry } = createProcessMetrics();
  const saga = createSagaMetrics(registry);
  const step = { step: 'authorizePayment', durationMs: 20 } as const;
  saga.stepEnded({ ...step, result: 'retry', fault: 'ProviderUnavailable', attempt: 1 });
  saga.stepEnded({ ...step, result: 'done', fault: null, attempt: 2 });
  saga.paymentEnded({
    status: 'succeeded',
    failureCode: null,
    currency: 'JPY',
    capturedMinor: 500,
    refundedMinor: 0,
  });
  const text = await registry.metrics();
  expect(samples(text, 'paysaga_saga_step_retries_total{')).toEqual([
    'paysaga_saga_step_retries_total{step="authorizePayment"} 1',
    'paysaga_saga_step_retries_total{step="capturePayment"} 0',
    'paysaga_saga_step_retries_total{step="readProvider"} 0',
    'paysaga_saga_step_retries_total{step="releaseFunds"} 0',
    'paysaga_saga_step_retries_total{step="recordOutcome"} 0',
    'paysaga_saga_step_retries_total{step="sendRefund"} 0',
    'paysaga_saga_step_retries_total{step="readRefund"} 0',
    'paysaga_saga_step_retries_total{step="applyFact"} 0',
  ]);
  expect(samples(text, 'paysaga_captured_minor_units_total{')).toEqual([
    'paysaga_captured_minor_units_total{currency="JPY"} 500',
  ]);
  expect(samples(text, 'paysaga_refunded_minor_units_total{')).toEqual([]);
});

const relaying: RelayStatus = {
  state: 'relaying',
  epoch: '1',
  published: 1,
  refused: 0,
  dead: 0,
  oldestUnpublishedMs: null,
  windowUse: 7,
  window: 500,
};

test('what can be counted is there as 0 before it happens, so that its first time is an increase', async () => {
  const { registry } = createProcessMetrics();
  createSagaMetrics(registry);
  createRelayMetrics(registry, () => relaying);
  const text = await registry.metrics();
  for (const series of [
    'paysaga_compensations_total{result="refunded"}',
    'paysaga_compensations_total{result="released"}',
    'paysaga_saga_step_retries_total{step="releaseFunds"}',
    'paysaga_payments_ended_total{status="succeeded",failure="none"}',
    'paysaga_payments_ended_total{status="failed",failure="provider_unavailable"}',
    'paysaga_payments_ended_total{status="needs_review",failure="recording_failed"}',
    'paysaga_outbox_dead_total{type="payment.commands.process.v1"}',
    'paysaga_outbox_refused_total{type="payment.needs_review.v1"}',
    'paysaga_outbox_published_total{type="payment.succeeded.v1"}',
    'paysaga_outbox_returned_total{exchange="payment.commands"}',
    'paysaga_outbox_interruptions_total',
  ]) {
    expect(samples(text, series)).toEqual([`${series} 0`]);
  }
});

test('a message is counted by type, and its wait is measured in seconds', async () => {
  const { registry } = createProcessMetrics();
  const relay = createRelayMetrics(registry, () => relaying);
  relay.confirmed({ type: 'payment.captured.v1', waitMs: 1_500 });
  const text = await registry.metrics();
  expect(text).toContain('paysaga_outbox_published_total{type="payment.captured.v1"} 1');
  expect(text).toContain('paysaga_outbox_commit_to_confirm_seconds_sum 1.5');
  expect(text).toContain('paysaga_relay_window_used 7');
  expect(text).toContain('paysaga_relay_active 1');
});

test('a command is counted by its result', async () => {
  const { registry } = createProcessMetrics();
  const handled = { result: 'kept', redelivered: true, durationMs: 10 } as const;
  createCommandMetrics(registry).handled(handled);
  expect(await registry.metrics()).toContain(
    'paysaga_command_duration_seconds_count{result="kept",redelivered="true"} 1',
  );
});

describe('a measured provider', () => {
  const answers = {
    confirmIntent: async () => ({ kind: 'declined' }),
    retrieveIntent: async () => ({ id: 'pi_1' }),
    listRefunds: () =>
      Promise.reject(
        new ProviderError({
          kind: 'rate_limited',
          message: 'later',
          code: null,
          requestId: null,
          httpStatus: 429,
        }),
      ),
  } as unknown as PaymentProvider;

  it('passes answers and errors on, and counts each call by what came of it', async () => {
    const { registry } = createProcessMetrics();
    const provider = measuredProvider(answers, createProviderMetrics(registry));
    expect(await provider.retrieveIntent('pi_1')).toEqual({ id: 'pi_1' });
    await provider.confirmIntent({
      intentId: 'pi_1',
      idempotencyKey: 'k',
      params: { paymentMethod: 'pm', returnUrl: null, offSession: false },
    });
    await expect(provider.listRefunds('pi_1')).rejects.toThrow('later');
    const counts = samples(
      await registry.metrics(),
      'paysaga_provider_call_duration_seconds_count',
    ).map((line) => line.replace('paysaga_provider_call_duration_seconds_count', ''));
    expect(counts).toEqual([
      '{operation="retrieve_intent",result="ok"} 1',
      '{operation="confirm_intent",result="declined"} 1',
      '{operation="list_refunds",result="rate_limited"} 1',
    ]);
  });
});
