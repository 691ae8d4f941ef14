import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { compensationResults, refundResults, stepNames } from '../../../application/ports/metrics';
import type { SagaMetrics } from '../../../application/ports/metrics';
import { refundReasons } from '../../../application/ports/refund-store';
import { failureCodes } from '../../../contracts/saga';
import { startAtZero } from './start-at-zero';

// From one statement (milliseconds) to a provider that answers at the end of the step's time.
const stepSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

// What the provider says most; its other codes, and those it will add, share one time series.
const declineCodes = [
  'card_declined',
  'expired_card',
  'incorrect_cvc',
  'incorrect_number',
  'processing_error',
];
const knownFailures: ReadonlySet<string> = new Set([
  ...Object.values(failureCodes),
  ...declineCodes,
]);

/** Counts steps, outcomes, undos and money; names no payment. */
export function createSagaMetrics(registry: Registry): SagaMetrics {
  const registers = [registry];
  const { steps, retries } = stepMetrics(registers);
  const { ended, captured, refunded } = outcomeMetrics(registers);
  const compensations = new Counter({
    name: 'paysaga_compensations_total',
    help: 'Undos that came to their end, by whether money had to be given back',
    labelNames: ['result'],
    registers,
  });
  startAtZero(
    compensations,
    compensationResults.map((result) => ({ result })),
  );
  const refunds = refundMetric(registers);
  return {
    stepEnded({ step, result, fault, attempt, durationMs }) {
      steps.observe({ step, result, fault: fault ?? 'none' }, durationMs / 1_000);
      if (attempt > 1) retries.inc({ step });
    },
    paymentEnded({ status, failureCode, currency, capturedMinor, refundedMinor }) {
      ended.inc({ status, failure: failureLabel(failureCode) });
      if (capturedMinor > 0) captured.inc({ currency }, capturedMinor);
      if (refundedMinor > 0) refunded.inc({ currency }, refundedMinor);
    },
    compensated: (result) => compensations.inc({ result }),
    refundEnded({ reason, result, currency, refundedMinor }) {
      refunds.inc({ reason, result });
      if (refundedMinor > 0) refunded.inc({ currency }, refundedMinor);
    },
  };
}

function failureLabel(code: string | null): string {
  if (code === null) return 'none';
  return knownFailures.has(code) ? code : 'other';
}

function refundMetric(registers: Registry[]) {
  const refunds = new Counter({
    name: 'paysaga_refunds_total',
    help: 'Refunds that ended, failed after they had succeeded, or wait for an operator',
    labelNames: ['reason', 'result'],
    registers,
  });
  startAtZero(
    refunds,
    refundReasons.flatMap((reason) => refundResults.map((result) => ({ reason, result }))),
  );
  return refunds;
}

function stepMetrics(registers: Registry[]) {
  const retries = new Counter({
    name: 'paysaga_saga_step_retries_total',
    help: 'Attempts of a saga step after its first',
    labelNames: ['step'],
    registers,
  });
  startAtZero(
    retries,
    stepNames.map((step) => ({ step })),
  );
  return {
    retries,
    steps: new Histogram({
      name: 'paysaga_saga_step_duration_seconds',
      help: 'One attempt of a saga step: done, to be tried again, or failed for good',
      labelNames: ['step', 'result', 'fault'],
      buckets: stepSeconds,
      registers,
    }),
  };
}

function outcomeMetrics(registers: Registry[]) {
  const money = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['currency'], registers });
  const ended = new Counter({
    name: 'paysaga_payments_ended_total',
    help: 'Payments whose saga wrote an outcome, parked ones (needs_review) included',
    labelNames: ['status', 'failure'],
    registers,
  });
  const failures = [...knownFailures, 'other'];
  startAtZero(ended, [
    { status: 'succeeded', failure: 'none' },
    ...failures.map((failure) => ({ status: 'failed', failure })),
    ...failures.map((failure) => ({ status: 'needs_review', failure })),
  ]);
  return {
    ended,
    captured: money('paysaga_captured_minor_units_total', 'Money taken, in minor units'),
    refunded: money('paysaga_refunded_minor_units_total', 'Money given back, in minor units'),
  };
}
