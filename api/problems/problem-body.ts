import { problemKinds } from './catalog';
import type { ProblemCode } from './catalog';
import type { FieldError, Problem } from './problem';

/** An RFC 9457 problem. `request_id` finds the request in the logs. */
export interface ProblemBody {
  /** Leads to a page that explains the code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly request_id: string;
  readonly errors: readonly FieldError[];
  readonly retryable: boolean;
}

export interface ProblemContext {
  readonly requestId: string;
  /** Put before the page's path; empty leaves `type` relative to the request's address. */
  readonly publicUrl: string;
}

/** The body that tells of the problem. */
export function problemBody(
  problem: Problem,
  { requestId, publicUrl }: ProblemContext,
): ProblemBody {
  const { status, title, advice, retryable } = problemKinds[problem.code];
  return {
    type: `${publicUrl}/errors/${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.detail ?? advice,
    request_id: requestId,
    errors: problem.errors,
    retryable,
  };
}
