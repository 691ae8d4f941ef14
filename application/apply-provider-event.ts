import { courseOf, topicOf } from '../domain/provider-news';
import type { Course, NewsSubject, NewsTopic } from '../domain/provider-news';
import type { KeptEvent, KeptEvents } from './ports/kept-events';
import type { Leftovers } from './ports/leftovers';
import type { Log } from './ports/log';
import type { ProviderEventMetrics } from './ports/metrics';
import type { NewsOutcome, ProviderEvent } from './ports/provider-webhooks';
import type { SagaNews } from './ports/saga-news';

export interface ApplyEventDeps {
  readonly events: KeptEvents;
  readonly sagas: SagaNews;
  readonly metrics: ProviderEventMetrics;
  readonly log: Log;
}

/** An event about nobody's payment is a stranger's after this long: payments come before theirs. */
export const strangerAfterMs = 3_600_000;

/** What is to be done about an event; null for one whose payment is not there. */
export function judge(event: ProviderEvent, subject: NewsSubject | null): Course | 'ignore' | null {
  const topic = topicOf(event.type);
  if (topic === null) return 'ignore';
  return subject === null ? null : courseOf(claimOf(topic, event), subject);
}

function claimOf(topic: NewsTopic, { objectStatus }: ProviderEvent) {
  return { topic, objectStatus };
}

/**
 * Applies a stored event: hands it to the saga that waits for it, or starts what applies it. Safe to
 * repeat. One that nothing can be done about yet stays stored, and is found again by the sweeper.
 * Crash points: after the saga was told, before the event is closed (it is told twice: it looks
 * twice); after the workflow was started (its id dedupes).
 * @throws SagaUnavailable | StoreUnavailable
 */
export async function applyProviderEvent(deps: ApplyEventDeps, eventId: string): Promise<void> {
  const kept = await deps.events.find(eventId);
  if (kept === null || kept.isProcessed) return;
  await apply(deps, kept);
}

async function apply(deps: ApplyEventDeps, kept: KeptEvent): Promise<void> {
  const outcome = await outcomeOf(deps, kept);
  const { id, type, paymentId } = kept.event;
  const fields = { eventId: id, type, paymentId: kept.subject?.paymentId ?? paymentId };
  if (outcome === null) return;
  if (outcome === 'lost') {
    await deps.events.markLost(id);
    deps.log.error(fields, 'the provider names a payment of ours that does not exist');
  } else {
    await deps.events.close({ eventIds: [id], outcome });
    deps.log.info({ ...fields, outcome }, 'webhook applied');
  }
  deps.metrics.applied(outcome);
}

async function outcomeOf(
  deps: ApplyEventDeps,
  { event, subject, ageMs }: KeptEvent,
): Promise<NewsOutcome | 'lost' | null> {
  const course = judge(event, subject);
  if (course === 'ignore') return 'ignored';
  if (course === null || subject === null) {
    if (ageMs < strangerAfterMs) return null;
    return event.paymentId === null ? 'not_ours' : 'lost';
  }
  const { paymentId, refund } = subject;
  switch (course) {
    case 'shown':
      return 'already_shown';
    case 'wait':
      return null;
    case 'tell_saga':
      if (await deps.sagas.tellPayment(paymentId)) return 'saga_told';
      break;
    case 'tell_refund':
      if (refund !== null && (await deps.sagas.tellRefund(refund.id))) return 'refund_told';
      break;
    case 'apply':
      break;
    default:
      return course satisfies never;
  }
  // No saga is there to be told: it ended, or was ended from outside.
  await deps.sagas.applyFact({ paymentId, cause: event.id });
  return 'fact_started';
}

// A plain payment's webhook arrives while its saga writes the same: a page of them is two statements.
const pageSize = 200;
const maxPages = 100;

/** Events that came too early, or whose command was lost. */
export function createEventLeftovers(deps: ApplyEventDeps): Leftovers {
  return {
    name: 'webhooks',
    async deliver({ ageMs }) {
      let delivered = 0;
      let after: KeptEvent | null = null;
      for (let pages = 0; pages < maxPages; pages += 1) {
        const query = { ageMs, strangerAgeMs: strangerAfterMs, limit: pageSize, after };
        const page: KeptEvent[] = await deps.events.unprocessed(query);
        await applyPage(deps, page);
        delivered += page.length;
        after = page.at(-1) ?? null;
        if (page.length < pageSize) break;
      }
      return delivered;
    },
  };
}

async function applyPage(deps: ApplyEventDeps, page: readonly KeptEvent[]): Promise<void> {
  const isShown = ({ event, subject }: KeptEvent) => judge(event, subject) === 'shown';
  const eventIds = page.filter(isShown).map(({ event }) => event.id);
  if (eventIds.length > 0) {
    await deps.events.close({ eventIds, outcome: 'already_shown' });
    deps.metrics.applied('already_shown', eventIds.length);
  }
  for (const kept of page) if (!isShown(kept)) await apply(deps, kept);
}
