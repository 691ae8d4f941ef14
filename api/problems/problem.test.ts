import { RequestRefused } from '../../application/errors';
import { DependencyUnavailable } from '../../application/ports/availability';
import { problemKinds } from './catalog';
import { Problem, toProblem } from './problem';
import { problemBody } from './problem-body';

const httpError = (status: number) => Object.assign(new Error('internal text'), { status });

describe('errors', () => {
  it.each([
    [new Problem('not_found'), 404, 'not_found'],
    [new RequestRefused('unauthenticated'), 401, 'unauthenticated'],
    [new RequestRefused('idempotency_key_reused'), 422, 'idempotency_key_reused'],
    [new DependencyUnavailable('db'), 503, 'service_unavailable'],
    [httpError(400), 400, 'invalid_request'],
    [httpError(413), 413, 'body_too_large'],
    [httpError(415), 415, 'unsupported_media_type'],
    [httpError(418), 500, 'internal_error'],
    [new Error('internal text'), 500, 'internal_error'],
    ['thrown text', 500, 'internal_error'],
    [undefined, 500, 'internal_error'],
  ])('%p becomes %i %s', (error, status, code) => {
    const problem = toProblem(error);
    expect([problem.status, problem.code]).toEqual([status, code]);
    const body = problemBody(problem, { requestId: 'r', publicUrl: 'https://x' });
    expect(JSON.stringify(body)).not.toMatch(/internal text|thrown text/);
  });

  it('that can pass by themselves, and only those, are retryable', () => {
    const retryable = Object.entries(problemKinds)
      .filter(([, kind]) => kind.retryable)
      .map(([code]) => code);
    expect(retryable).toEqual([
      'reference_in_use',
      'request_in_progress',
      'request_timeout',
      'idempotency_key_in_progress',
      'rate_limited',
      'internal_error',
      'service_unavailable',
    ]);
  });

  it('are told as RFC 9457 describes', () => {
    const errors = [{ pointer: '/amount', code: 'invalid', detail: 'must be at least 1' }];
    const problem = new Problem('invalid_request', { errors });
    expect(problemBody(problem, { requestId: 'r-1', publicUrl: '' })).toEqual({
      type: '/errors/invalid_request',
      title: problemKinds.invalid_request.title,
      status: 400,
      code: 'invalid_request',
      detail: problemKinds.invalid_request.advice,
      request_id: 'r-1',
      errors,
      retryable: false,
    });
  });
});
