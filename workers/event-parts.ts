import { createKeptEvents } from '../adapters/postgres/kept-events';
import type { Database } from '../adapters/postgres/client';
import { createProviderCursors } from '../adapters/postgres/provider-cursors';
import { createProviderEventMetrics } from '../adapters/system/metrics/provider-event-metrics';
import { createSagaNews } from '../adapters/temporal/saga-news';
import type { SagaStarterOptions } from '../adapters/temporal/saga-starter';
import type { Registry } from 'prom-client';
import { applyProviderEvent, createEventLeftovers } from '../application/apply-provider-event';
import type { Log } from '../application/ports/log';
import { createEventIntake } from '../application/take-events';
import type { ApplyEventCommand } from '../contracts/messages';

/** What applies the provider's events, whichever way they come. */
export function buildEventParts(given: {
  readonly database: Database;
  readonly starter: SagaStarterOptions;
  readonly registry: Registry;
  readonly log: Log;
}) {
  const { prisma } = given.database;
  const applying = {
    events: createKeptEvents(prisma),
    sagas: createSagaNews(given.starter),
    metrics: createProviderEventMetrics(given.registry),
    log: given.log,
  };
  return {
    leftovers: createEventLeftovers(applying),
    eventIntake: createEventIntake(applying),
    cursors: createProviderCursors(prisma),
    handle: async ({ data }: ApplyEventCommand): Promise<'done'> => {
      await applyProviderEvent(applying, data.event_id);
      return 'done';
    },
  };
}

export type EventParts = ReturnType<typeof buildEventParts>;
