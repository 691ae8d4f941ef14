import type { Registry } from 'prom-client';
import { createKeptEvents } from '../../adapters/postgres/kept-events';
import { createRequestIntake } from '../../adapters/postgres/request-intake';
import { createProviderEventStore } from '../../adapters/postgres/stripe-events';
import { createProviderEventMetrics } from '../../adapters/system/metrics/provider-event-metrics';
import { createSagaNews } from '../../adapters/temporal/saga-news';
import type { SagaStarterOptions } from '../../adapters/temporal/saga-starter';
import type { Log } from '../../application/ports/log';
import { createReceiveEvent } from '../../application/receive-event';
import type { ReceiveEventDeps } from '../../application/receive-event';
import { createSynchronizePayment } from '../../application/synchronize-payment';
import type { SynchronizeDeps } from '../../application/synchronize-payment';
import type { ApiConfig } from '../../config';
import type { Clients } from './clients';

type Keyed = Omit<SynchronizeDeps, 'intake' | 'sagaNews'> &
  Pick<ReceiveEventDeps, 'signal' | 'publisher'>;

/** What brings in the provider's news: its webhooks, and a look that somebody asks for. */
export function newsUseCases(
  parts: {
    readonly config: ApiConfig;
    readonly clients: Clients;
    readonly registry: Registry;
    readonly log: Log;
  },
  { keyed, saga }: { readonly keyed: Keyed; readonly saga: SagaStarterOptions },
) {
  const { config, log } = parts;
  const { prisma } = parts.clients.database;
  const sagas = createSagaNews(saga);
  const metrics = createProviderEventMetrics(parts.registry);
  return {
    receiveEvent: createReceiveEvent({
      ...keyed,
      flags: config.flags,
      events: createProviderEventStore(prisma),
      applying: { events: createKeptEvents(prisma), sagas, metrics, log },
    }),
    synchronizePayment: createSynchronizePayment({
      ...keyed,
      intake: createRequestIntake(prisma),
      sagaNews: sagas,
    }),
  };
}
