import { HandlerUnfinishedPolicy } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RelayActivities } from '../activities/relay-outbox';
import type {
  OutboxRelayInput,
  RedriveRequest,
  RelayRunResult,
  RelayTotals,
  RelayView,
} from '../contracts/relay';
import { queries, signals } from '../contracts/workflow-names';

export const pauseRelay = defineSignal(signals.pauseRelay);
export const resumeRelay = defineSignal(signals.resumeRelay);
export const redriveRelay = defineSignal<[RedriveRequest?]>(signals.redrive);
export const getRelay = defineQuery<RelayView>(queries.getRelay);

/** A run may end this much late: it waits for confirms and marks on their way. */
const runMarginMs = 60_000;

/** Longer than an ordinary restart of the database; after that an operator has to ask again. */
const redriveBudgetMs = 600_000;

/**
 * Decides which process relays a shard. It runs one long activity at a time and continues as new
 * after each, so an hour of relaying costs about ten events of history. No payload comes here.
 *
 * Crash points: the worker dies: heartbeats end and the activity is retried on another worker.
 * Temporal restarts: the drain goes on by its lease, the activity is retried when it is back.
 */
export async function outboxRelay(input: OutboxRelayInput): Promise<void> {
  const desk = new RelayDesk(input);
  do {
    if (desk.paused) await condition(() => !desk.paused);
    else await desk.relayUntilPaused();
  } while (desk.paused && !workflowInfo().continueAsNewSuggested);
  await continueAsNew<typeof outboxRelay>(desk.nextInput());
}

class RelayDesk {
  paused: boolean;
  private totals: RelayTotals;
  private oldestUnpublishedMs: number | null;
  private window: number | null = null;
  private readonly redrives = new Set<RedriveRequest>();
  private readonly activities;

  constructor(private readonly input: OutboxRelayInput) {
    this.paused = input.paused ?? false;
    this.totals = input.totals ?? { published: 0, refused: 0, dead: 0, redriven: 0 };
    this.oldestUnpublishedMs = input.oldestUnpublishedMs ?? null;
    this.activities = relayActivities(input);
    setHandler(pauseRelay, () => void (this.paused = true));
    setHandler(resumeRelay, () => void (this.paused = false));
    // A redrive under way goes into the next run's input: waiting for it would stop the relay.
    setHandler(redriveRelay, (request = {}) => this.redrive(request), {
      unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON,
    });
    setHandler(getRelay, () => this.view());
    for (const request of input.redrives ?? []) void this.redrive(request);
  }

  /** One run of the relaying activity; a pause ends it early, and is waited for. */
  async relayUntilPaused(): Promise<void> {
    const scope = new CancellationScope();
    const run = scope.run(() => this.activities.long.relayOutbox({ runMs: this.input.runMs }));
    const ended = run.then(
      (result) => this.add(result),
      (error: unknown) => {
        if (!isCancellation(error)) throw error;
      },
    );
    let over = false;
    const overOrPaused = condition(() => this.paused || over);
    await Promise.race([ended.finally(() => (over = true)), overOrPaused]);
    if (!over) scope.cancel();
    await ended;
  }

  nextInput(): OutboxRelayInput {
    const { shard, runMs, heartbeatTimeoutMs } = this.input;
    return {
      shard,
      runMs,
      heartbeatTimeoutMs,
      paused: this.paused,
      totals: this.totals,
      oldestUnpublishedMs: this.oldestUnpublishedMs,
      ...(this.redrives.size === 0 ? {} : { redrives: [...this.redrives] }),
    };
  }

  private add(result: RelayRunResult): void {
    this.totals = {
      ...this.totals,
      published: this.totals.published + result.published,
      refused: this.totals.refused + result.refused,
      dead: this.totals.dead + result.dead,
    };
    this.oldestUnpublishedMs = result.oldestUnpublishedMs;
    this.window = result.window;
  }

  /** Never rejects: a signal that cannot be obeyed must not fail the workflow that relays. */
  private async redrive(request: RedriveRequest): Promise<void> {
    this.redrives.add(request);
    try {
      const revived = await this.activities.short.redriveOutbox(request);
      this.totals = { ...this.totals, redriven: this.totals.redriven + revived };
    } catch (error) {
      log.error('redrive given up', { reason: rootCause(error).message });
    } finally {
      this.redrives.delete(request);
    }
  }

  private view(): RelayView {
    return {
      shard: this.input.shard,
      state: this.paused ? 'paused' : 'relaying',
      ...this.totals,
      oldestUnpublishedMs: this.oldestUnpublishedMs,
      window: this.window,
    };
  }
}

function relayActivities(input: OutboxRelayInput) {
  return {
    // A takeover is due 500 ms after the timeout, each time anew, for as long as it takes: there is
    // no outcome in which the relay gives up.
    long: proxyActivities<RelayActivities>({
      startToCloseTimeout: input.runMs + runMarginMs,
      heartbeatTimeout: input.heartbeatTimeoutMs,
      retry: { initialInterval: 500, backoffCoefficient: 1 },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }),
    // Reviving rows is one statement, harmless to repeat.
    short: proxyActivities<RelayActivities>({
      startToCloseTimeout: 10_000,
      scheduleToCloseTimeout: redriveBudgetMs,
      retry: { initialInterval: 1_000, maximumInterval: 30_000 },
    }),
  };
}

function rootCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
