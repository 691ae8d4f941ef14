import express from 'express';
import type { Express } from 'express';
import helmet from 'helmet';
import type { AcceptPayment } from '../application/accept-payment';
import type { Authenticate } from '../application/authenticate';
import type { Log } from '../application/ports/log';
import type { PaymentReader } from '../application/ports/payment-reader';
import type { ProviderEventStore, WebhookVerifier } from '../application/ports/provider-webhooks';
import type { Tracing } from '../application/ports/tracing';
import type { Metrics } from './metrics';
import { requireScope } from './middleware/authentication';
import { jsonBody } from './middleware/json-body';
import { methodNotAllowed } from './middleware/method-not-allowed';
import { observation } from './middleware/observation';
import { requestContext } from './middleware/request-context';
import { requestSpan } from './middleware/tracing';
import { errorHandler } from './problems/error-handler';
import { Problem } from './problems/problem';
import { readErrorPage } from './routes/errors/read';
import { livez } from './routes/health/live';
import { readyz } from './routes/health/ready';
import type { ReadinessCheck } from './routes/health/ready';
import { readMetrics } from './routes/metrics/read';
import { createPayment } from './routes/payments/create';
import { listPayments } from './routes/payments/list';
import { readPayment } from './routes/payments/read';
import { receiveStripeWebhook, webhookBody } from './routes/webhooks/stripe';

export interface AppDeps {
  readonly acceptPayment: AcceptPayment;
  readonly authenticate: Authenticate;
  readonly payments: PaymentReader;
  readonly webhooks: WebhookVerifier;
  readonly events: ProviderEventStore;
  readonly metrics: Metrics;
  readonly checks: readonly ReadinessCheck[];
  readonly isDraining: () => boolean;
  /** Without a final slash; empty makes links to error pages relative. */
  readonly publicUrl: string;
  /** Null where no spans are made. */
  readonly tracing?: Tracing | null;
  readonly log: Log;
}

/** The HTTP application: every route, and what each request passes on its way. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  // A replay must be the first answer byte for byte, and never an empty 304.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(requestContext);
  if (deps.tracing) app.use(requestSpan(deps.tracing));
  app.use(observation({ log: deps.log, observe: (observed) => deps.metrics.observe(observed) }));
  app.use(helmet());
  addOperations(app, deps);
  addPayments(app, deps);
  app.use(() => {
    throw new Problem('not_found');
  });
  app.use(errorHandler(deps));
  return app;
}

function addOperations(app: Express, deps: AppDeps): void {
  app.route('/livez').get(livez).all(methodNotAllowed('GET'));
  app.route('/readyz').get(readyz(deps)).all(methodNotAllowed('GET'));
  app.route('/metrics').get(readMetrics(deps.metrics)).all(methodNotAllowed('GET'));
  app.route('/errors/:code').get(readErrorPage).all(methodNotAllowed('GET'));
}

function addPayments(app: Express, deps: AppDeps): void {
  const reads = requireScope(deps.authenticate, 'read');
  const writes = requireScope(deps.authenticate, 'write');
  app.use('/v1', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app
    .route('/v1/payments')
    .get(reads, listPayments(deps.payments))
    .post(writes, jsonBody, createPayment(deps.acceptPayment))
    .all(methodNotAllowed('GET', 'POST'));
  app.route('/v1/payments/:id').get(reads, readPayment(deps.payments)).all(methodNotAllowed('GET'));
  app
    .route('/v1/webhooks/stripe')
    .post(webhookBody, receiveStripeWebhook(deps))
    .all(methodNotAllowed('POST'));
}
