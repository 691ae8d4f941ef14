import { z } from 'zod';
import { content } from '../../routing/answer';
import { route } from '../../routing/route';

export const readMetrics = route({
  method: 'get',
  path: '/metrics',
  operationId: 'readMetrics',
  tag: 'operations',
  summary: "The process's metrics",
  scope: null,
  // A gap in the figures would fall into the very minutes that matter.
  isUnlimited: true,
  answers: { 200: content("In Prometheus's text format.", 'text/plain', z.string()) },
  handle:
    ({ metrics }) =>
    async (_given, response) => {
      response.type(metrics.contentType).send(await metrics.text());
    },
});
