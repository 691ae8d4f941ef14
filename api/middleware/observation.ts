import type { Request, RequestHandler, Response } from 'express';
import type { Log } from '../../application/ports/log';
import { traceIdOf } from '../../contracts/trace-id';
import { contextOf, knownCaller } from './request-context';

export interface Observed {
  readonly method: string;
  /** The route's template, never the path: ids would make a time series each. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

// Probes and scrapes come every few seconds and would bury the rest.
export const quietRoutes = ['/livez', '/readyz', '/metrics'];

/** Logs and measures each request when its answer is sent, or its caller gone. */
export function observation(options: {
  readonly log: Log;
  readonly observe: (observed: Observed) => void;
}): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const milliseconds = Math.round(performance.now() - startedAt);
      const route = routeOf(request);
      const { method } = request;
      const status = response.statusCode;
      options.observe({ method, route, status, seconds: milliseconds / 1_000 });
      if (quietRoutes.includes(route)) return;
      const { requestId, traceparent } = contextOf(response);
      options.log.info(
        {
          requestId,
          traceId: traceIdOf(traceparent) ?? undefined,
          merchantId: knownCaller(response)?.merchantId,
          paymentId: paymentOf(request, response),
          method,
          route,
          status,
          durationMs: milliseconds,
          ...(response.writableFinished ? {} : { callerLeft: true }),
        },
        'request',
      );
    });
    next();
  };
}

/** The payment a request is about: the one it names, or the one it made. */
function paymentOf(request: Request, response: Response): string | undefined {
  const named: unknown = request.params['id'];
  const made = response.get('Location')?.split('/').at(-1);
  return typeof named === 'string' ? named : made;
}

/** The template of the route that answered, such as `/v1/payments/:id`. */
export function routeOf(request: Request): string {
  const route: unknown = request.route;
  const path = typeof route === 'object' && route !== null ? Reflect.get(route, 'path') : undefined;
  return typeof path === 'string' ? request.baseUrl + path : 'unmatched';
}
