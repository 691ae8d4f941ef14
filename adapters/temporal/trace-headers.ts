import type { WorkflowClientInterceptor } from '@temporalio/client';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import type { Headers } from '@temporalio/common';
import type { WorkerInterceptors } from '@temporalio/worker';
import type { Tracing } from '../../application/ports/tracing';
import { traceHeader } from '../../contracts/workflow-names';

/** Gives a workflow the traceparent of the span that starts it, as a header beside its input. */
export function sendTraceparent(tracing: Tracing): WorkflowClientInterceptor {
  return {
    startWithDetails: (input, next) => {
      const traceparent = tracing.current();
      if (traceparent === null) return next(input);
      const payload = defaultPayloadConverter.toPayload(traceparent);
      return next({ ...input, headers: { ...input.headers, [traceHeader]: payload } });
    },
  };
}

/**
 * Runs each attempt of an activity in a span under the traceparent that its workflow was started
 * with. Without one, as for the sweeper, there is no request to tell of and no span.
 */
export function activitySpans(tracing: Tracing): NonNullable<WorkerInterceptors['activity']> {
  return [
    ({ info }) => ({
      inbound: {
        execute: (input, next) => {
          const parent = traceparentOf(input.headers);
          if (parent === null) return next(input);
          const name = `RunActivity:${info.activityType}`;
          const attributes = {
            'temporal.workflow_id': info.workflowExecution?.workflowId ?? '',
            'temporal.run_id': info.workflowExecution?.runId ?? '',
            'temporal.attempt': info.attempt,
          };
          const plan = { name, kind: 'internal', parent, attributes } as const;
          return tracing.inSpan(plan, (span) =>
            next(input).catch((error: unknown) => {
              if (error instanceof ApplicationFailure) span.fail(error.type ?? error.name);
              throw error;
            }),
          );
        },
      },
    }),
  ];
}

function traceparentOf(headers: Headers): string | null {
  const payload = headers[traceHeader];
  if (payload === undefined) return null;
  const value: unknown = defaultPayloadConverter.fromPayload(payload);
  return typeof value === 'string' ? value : null;
}
