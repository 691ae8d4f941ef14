import express from 'express';
import type { Express } from 'express';
import helmet from 'helmet';
import type { AppDeps } from './dependencies';
import { observation } from './middleware/observation';
import { requestContext } from './middleware/request-context';
import { requestSpan } from './middleware/tracing';
import { openApiDocument } from './openapi/document';
import { errorHandler } from './problems/error-handler';
import { Problem } from './problems/problem';
import { routes } from './routes';
import { serve } from './routing/serve';

/** The HTTP application: what each request passes on its way to one of the routes. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  // A replay must be the first answer byte for byte, and never an empty 304.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...deps.trustedProxies]);
  app.use(requestContext);
  if (deps.tracing) app.use(requestSpan(deps.tracing));
  app.use(observation({ log: deps.log, observe: (observed) => deps.metrics.observe(observed) }));
  app.use(helmet());
  app.use('/v1', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  serve(app, routes, { ...deps, openApiDocument: openApiDocument(routes) });
  app.use(() => {
    throw new Problem('not_found');
  });
  app.use(errorHandler(deps));
  return app;
}
