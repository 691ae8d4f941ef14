import type { RequestHandler } from 'express';
import type { Metrics } from '../../metrics';

/** GET /metrics in Prometheus's text format */
export function readMetrics(metrics: Metrics): RequestHandler {
  return async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.text());
  };
}
