import type { ErrorRequestHandler } from 'express';
import type { Log } from '../../application/ports/log';
import { contextOf } from '../middleware/request-context';
import { toProblem } from './problem';
import { problemBody } from './problem-body';

/** The one place where an error becomes an answer. */
export function errorHandler(options: {
  readonly log: Log;
  readonly publicUrl: string;
}): ErrorRequestHandler {
  return (error, request, response, next) => {
    const { requestId } = contextOf(response);
    const problem = toProblem(error);
    if (problem.status >= 500) {
      options.log.error({ requestId, error }, 'request failed');
    }
    // Half an answer cannot be taken back; express then closes the connection.
    if (response.headersSent) return next(error);
    const body = problemBody(problem, { requestId, publicUrl: options.publicUrl });
    // The rest of a body that was not read would be taken for the next request.
    if (!request.complete) response.set('Connection', 'close');
    response
      .status(problem.status)
      .set(problem.headers)
      .type('application/problem+json')
      .send(JSON.stringify(body));
  };
}
