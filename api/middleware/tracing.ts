import type { RequestHandler, Response } from 'express';
import type { OpenSpan, Tracing } from '../../application/ports/tracing';
import { quietRoutes, routeOf } from './observation';
import { contextOf, setTraceparent } from './request-context';

/** A server span for each request, under the caller's traceparent; probes and scrapes have none. */
export function requestSpan(tracing: Tracing): RequestHandler {
  return (request, response, next) => {
    if (quietRoutes.includes(request.path)) return next();
    const { method } = request;
    const parent = contextOf(response).traceparent;
    const plan = { name: method, kind: 'server', parent, attributes: methodOf(method) } as const;
    void tracing.inSpan(plan, async (span) => {
      setTraceparent(response, span.traceparent);
      const closed = new Promise((resolve) => response.once('close', resolve));
      next();
      await closed;
      const route = routeOf(request);
      span.rename(`${method} ${route}`);
      tell(span, { response, route });
    });
  };
}

const methodOf = (method: string) => ({ 'http.request.method': method });

function tell(span: OpenSpan, { response, route }: { response: Response; route: string }): void {
  const status = response.statusCode;
  span.set({
    'http.route': route,
    'http.response.status_code': status,
    'paysaga.request_id': contextOf(response).requestId,
  });
  if (status >= 500) span.fail(`HTTP ${status}`);
}
