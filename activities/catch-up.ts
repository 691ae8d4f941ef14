import type { EventIntake } from '../application/ports/kept-events';
import type { Log } from '../application/ports/log';
import type { PaymentProvider } from '../application/ports/payment-provider';
import type { ProviderCursors } from '../application/ports/provider-cursors';
import type { ProviderEvent } from '../application/ports/provider-webhooks';
import type { CatchUpInput, CatchUpResult } from '../contracts/saga';
import { newsTopics } from '../domain/provider-news';
import { toFailure } from './errors';

const cursorName = 'events';
const types = Object.keys(newsTopics);
// A part of the history is closed, and left behind, once it is this old: by then the provider has
// listed whatever belongs to it, and clocks that differ by less do no harm.
const closedAfterMs = 900_000;

export interface CatchUpDependencies {
  readonly provider: Pick<PaymentProvider, 'listEvents'>;
  readonly eventIntake: EventIntake;
  readonly cursors: ProviderCursors;
  readonly log: Log;
}

interface Part {
  readonly from: Date;
  /** Null reads up to now. */
  readonly before: Date | null;
}

/**
 * Reads one part of the provider's history of events, and takes in those that no webhook brought.
 * The cursor moves once all of the part is stored, so a crash in between reads it again. It keeps to
 * the provider's clock: where that is behind ours, nothing falls between two looks.
 * @throws ApplicationFailure of a type in `faultTypes`
 */
export function createCatchUp(deps: CatchUpDependencies) {
  return async (input: CatchUpInput): Promise<CatchUpResult> => {
    try {
      const part = await nextPart(deps, input);
      const events = await read(deps, part);
      const added = await deps.eventIntake.take(events);
      const to = part.before ?? events.at(-1)?.occurredAt;
      if (to !== undefined) await deps.cursors.advance({ name: cursorName, to });
      if (added > 0) deps.log.warn({ added }, 'webhooks had not come: caught up');
      return { added, isCaughtUp: part.before === null };
    } catch (error) {
      throw toFailure(error, 'undo');
    }
  };
}

async function nextPart(deps: CatchUpDependencies, input: CatchUpInput): Promise<Part> {
  const nowMs = Date.now();
  const cursor = await deps.cursors.read(cursorName);
  const readToMs = cursor?.getTime() ?? nowMs - input.firstLookMs;
  const endMs = readToMs + input.windowMs;
  return {
    from: new Date(readToMs - input.overlapMs),
    before: endMs < nowMs - closedAfterMs ? new Date(endMs) : null,
  };
}

/** All pages, oldest event first. */
async function read(deps: CatchUpDependencies, { from, before }: Part): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  let startingAfter: string | null = null;
  do {
    const query = { types, from: from.toISOString(), before: before?.toISOString() ?? null };
    const page = await deps.provider.listEvents({ ...query, startingAfter });
    events.push(...page.events);
    startingAfter = page.next;
  } while (startingAfter !== null);
  return events.toReversed();
}
