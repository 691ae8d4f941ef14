import type { Route } from '../routing/route';
import { listAudit } from './audit/list';
import { readDocsScript, readDocsStart, readDocsStyles } from './documentation/assets';
import { readAsyncApi } from './documentation/asyncapi';
import { readOpenApi } from './documentation/openapi';
import { readDocs } from './documentation/page';
import { readErrorPage } from './errors/read';
import { livez } from './health/live';
import { readyz } from './health/ready';
import { readMetrics } from './metrics/read';
import { listOutbox } from './outbox/list';
import { redriveOutbox } from './outbox/redrive';
import { cancelPayment } from './payments/cancel';
import { capturePayment } from './payments/capture';
import { createPayment } from './payments/create';
import { listPayments } from './payments/list';
import { readPayment } from './payments/read';
import { readTimeline } from './payments/timeline';
import { listReviews } from './reviews/list';
import { resolvePayment } from './reviews/resolve';
import { retryCompensation } from './reviews/retry-compensation';
import { createRefund } from './refunds/create';
import { listRefunds } from './refunds/list';
import { readRefund } from './refunds/read';
import { synchronizePayment } from './payments/synchronize';
import { listDrifts } from './reconciliations/drifts';
import { listReconciliations } from './reconciliations/list';
import { readReconciliation } from './reconciliations/read';
import { startReconciliation } from './reconciliations/start';
import { receiveStripeWebhook } from './webhooks/stripe';

/** Every route there is. What is not here is neither served nor documented. */
export const routes: readonly Route[] = [
  createPayment,
  listPayments,
  readPayment,
  readTimeline,
  capturePayment,
  cancelPayment,
  createRefund,
  listRefunds,
  readRefund,
  synchronizePayment,
  receiveStripeWebhook,
  listOutbox,
  redriveOutbox,
  listReviews,
  retryCompensation,
  resolvePayment,
  listAudit,
  listReconciliations,
  readReconciliation,
  listDrifts,
  startReconciliation,
  livez,
  readyz,
  readMetrics,
  readErrorPage,
  readOpenApi,
  readAsyncApi,
  readDocs,
  readDocsStyles,
  readDocsScript,
  readDocsStart,
];
