import type { Headers, WorkflowInterceptors } from '@temporalio/workflow';
import { traceHeader } from '../contracts/workflow-names';

/**
 * Hands the traceparent that a workflow was started with on to its activities, and makes no spans:
 * OpenTelemetry inside the workflow would double the bundle (1.7 to 3.5 MB) and run for every
 * payment, traced or not. Headers are no part of what a replay compares, and nothing here waits, so
 * the order of a workflow's steps is the same with and without it.
 */
export function interceptors(): WorkflowInterceptors {
  let carried: Headers = {};
  return {
    inbound: [
      {
        execute(input, next) {
          const header = input.headers[traceHeader];
          if (header !== undefined) carried = { [traceHeader]: header };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) =>
          next({ ...input, headers: { ...input.headers, ...carried } }),
        scheduleLocalActivity: (input, next) =>
          next({ ...input, headers: { ...input.headers, ...carried } }),
      },
    ],
  };
}
