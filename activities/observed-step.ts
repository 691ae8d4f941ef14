import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { StepName, StepResult } from '../application/ports/metrics';
import type { SagaPayment } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import type { FaultType } from '../contracts/saga';
import { traceIdOf } from '../contracts/trace-id';
import { processPaymentWorkflowId } from '../contracts/workflow-names';
import type { ActivityDependencies } from './dependencies';

interface StepInput {
  readonly paymentId: string;
  readonly refundId?: string;
  readonly mode?: string;
  readonly status?: string;
}

type Step<Input, Output> = (input: Input) => Promise<Output>;

const known: ReadonlySet<string> = new Set(Object.values(faultTypes));

/**
 * The step, each of its attempts logged and measured. The line comes at the end only: a step that
 * never ends is shown by Temporal, and two lines for each step would double the log.
 */
export function observed<Input extends StepInput, Output>(
  deps: ActivityDependencies,
  step: StepName,
  build: (deps: ActivityDependencies) => Step<Input, Output>,
): Step<Input, Output> {
  return async (input) => {
    const startedAt = performance.now();
    const seen: SeenTrace = { traceId: null };
    const run = build({ ...deps, ...noting(deps, seen) });
    const end = (result: StepResult, error: unknown) =>
      report(deps, { step, input, result, error, seen, startedAt });
    try {
      const output = await run(input);
      end('done', null);
      return output;
    } catch (error) {
      end(error instanceof ApplicationFailure && error.nonRetryable ? 'final' : 'retry', error);
      throw error;
    }
  };
}

interface SeenTrace {
  traceId: string | null;
}

/** The store, noting the trace of the payment that is read: no input of a step carries it. */
function noting(
  { store, refunds }: Pick<ActivityDependencies, 'store' | 'refunds'>,
  seen: SeenTrace,
): Pick<ActivityDependencies, 'store' | 'refunds'> {
  const note = (payment: SagaPayment | null) => {
    seen.traceId = traceIdOf(payment?.traceparent);
    return payment;
  };
  return {
    store: {
      ...store,
      load: async (paymentId) => note(await store.load(paymentId)),
      beginUndo: async (paymentId) => note(await store.beginUndo(paymentId)),
    },
    refunds: {
      ...refunds,
      find: async (refundId) => {
        const refund = await refunds.find(refundId);
        note(refund?.payment ?? null);
        return refund;
      },
    },
  };
}

interface Attempt {
  readonly step: StepName;
  readonly input: StepInput;
  readonly result: StepResult;
  readonly error: unknown;
  readonly seen: SeenTrace;
  readonly startedAt: number;
}

function report({ metrics, log }: ActivityDependencies, of: Attempt): void {
  const { step, input, result, error } = of;
  const { attempt, workflowId } = whereabouts(input.paymentId);
  const durationMs = performance.now() - of.startedAt;
  const fault = error === null ? null : faultOf(error);
  metrics.stepEnded({ step, result, fault, attempt, durationMs });
  const fields = {
    step,
    paymentId: input.paymentId,
    ...(input.refundId === undefined ? {} : { refundId: input.refundId }),
    workflowId,
    ...(of.seen.traceId === null ? {} : { traceId: of.seen.traceId }),
    ...(input.mode === undefined ? {} : { mode: input.mode }),
    ...(input.status === undefined ? {} : { status: input.status }),
    attempt,
    durationMs: Math.round(durationMs),
  };
  if (result === 'done') return log.info(fields, 'saga step done');
  const reason = error instanceof Error ? error.message : 'unknown fault';
  log.warn({ ...fields, fault, reason }, `saga step failed: ${result}`);
}

/** Which run and attempt this is; tests call steps without a workflow around them. */
function whereabouts(paymentId: string): { attempt: number; workflowId: string } {
  try {
    const { attempt, workflowExecution } = activityInfo();
    const workflowId = workflowExecution?.workflowId ?? processPaymentWorkflowId(paymentId);
    return { attempt, workflowId };
  } catch {
    return { attempt: 1, workflowId: processPaymentWorkflowId(paymentId) };
  }
}

function faultOf(error: unknown): FaultType | 'other' {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  return isFault(type) ? type : 'other';
}

function isFault(type: string | null | undefined): type is FaultType {
  return typeof type === 'string' && known.has(type);
}
