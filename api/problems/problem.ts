import { RequestRefused } from '../../application/errors';
import { DependencyUnavailable } from '../../application/ports/availability';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import { StoreUnavailable } from '../../application/ports/saga-store';
import { problemKinds } from './catalog';
import type { ProblemCode } from './catalog';

/** One thing that is wrong with the body; `pointer` is an RFC 6901 JSON pointer into it. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface ProblemOptions {
  /** For the caller. Never the text of an internal error. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error whose whole content may be shown to the caller. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly detail: string | null;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    options: ProblemOptions = {},
  ) {
    super(code);
    this.detail = options.detail ?? null;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return problemKinds[this.code].status;
  }
}

/** Decides what the caller is told of any error; internal text stays in the log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof RequestRefused) return fromRefusal(error);
  if (error instanceof SagaUnavailable) {
    const detail =
      'Temporal gives no answer. Nothing is lost: repeat the request with the same key.';
    return new Problem('service_unavailable', { detail, headers: { 'Retry-After': '1' } });
  }
  if (isOutage(error)) {
    return new Problem('service_unavailable', { headers: { 'Retry-After': '1' } });
  }
  return fromHttpLayer(error) ?? new Problem('internal_error');
}

function isOutage(error: unknown): boolean {
  return error instanceof DependencyUnavailable || error instanceof StoreUnavailable;
}

function fromRefusal({ code, retryAfterSeconds, detail }: RequestRefused): Problem {
  return new Problem(code, {
    ...(detail === null ? {} : { detail }),
    headers: {
      ...(code === 'unauthenticated' ? { 'WWW-Authenticate': 'Bearer' } : {}),
      ...(retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    },
  });
}

// Express and its body reader mark their errors with a status (source: expressjs/body-parser).
const codesByStatus: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid_request',
  413: 'body_too_large',
  415: 'unsupported_media_type',
};

function fromHttpLayer(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  const code = codesByStatus[Number(error.status)];
  return code === undefined ? null : new Problem(code);
}
