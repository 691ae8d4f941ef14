import { createReconcileActivities } from '../activities/reconcile-activities';
import type { Database } from '../adapters/postgres/client';
import { readReconciliationState } from '../adapters/postgres/reconciliation-state';
import { createReconciliationStore } from '../adapters/postgres/reconciliation-store';
import { createStripeListing } from '../adapters/stripe/stripe-listing';
import { createStripeProvider } from '../adapters/stripe/stripe-provider';
import { timeOrderedIds } from '../adapters/system/ids';
import type { ProcessMetrics } from '../adapters/system/metrics/process-metrics';
import { addReconciliationGauges } from '../adapters/system/metrics/reconciliation-gauges';
import { createSagaNews } from '../adapters/temporal/saga-news';
import type { Log } from '../application/ports/log';
import type { CommandWorkerConfig } from '../config';

/** What carries out reconciliations, and shows what the latest found. */
export function buildReconcileActivities(given: {
  readonly config: CommandWorkerConfig;
  readonly database: Database;
  readonly registry: ProcessMetrics['registry'];
  readonly starter: Parameters<typeof createSagaNews>[0];
  readonly log: Log;
}) {
  const { config, registry, starter, log } = given;
  const { prisma } = given.database;
  const stripe = {
    apiKey: config.STRIPE_API_KEY,
    timeoutMs: config.STRIPE_TIMEOUT_MS,
    ...(config.STRIPE_API_URL === undefined ? {} : { apiUrl: config.STRIPE_API_URL }),
  };
  addReconciliationGauges(registry, () => readReconciliationState(prisma));
  return createReconcileActivities({
    reconciliation: createReconciliationStore(prisma, timeOrderedIds),
    listing: createStripeListing(stripe),
    provider: createStripeProvider(stripe),
    news: createSagaNews(starter),
    log,
  });
}
