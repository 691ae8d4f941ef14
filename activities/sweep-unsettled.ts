import { SagaUnavailable } from '../application/ports/saga-starter';
import type { SagaStart } from '../application/ports/saga-starter';
import type { UnsettledPlace } from '../application/ports/unsettled-payments';
import type { SweepInput, SweepResult } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { toFailure } from './errors';

// Starting is one small call; ten at a time keep a backlog of thousands within a minute and leave
// Temporal most of its capacity for the sagas themselves.
const pageSize = 200;
const parallel = 10;
// 10,000 payments a run; the schedule's next run goes on where rows are still unsettled.
const maxPages = 50;

type Outcome = Exclude<keyof SweepResult, 'delivered'>;

/**
 * Starts the saga of every payment that nobody seems to work on: its command was lost, or its run
 * was ended from outside. Ids dedupe, so a payment in good hands is not disturbed.
 * @throws ApplicationFailure `SagaUnavailable` | `StoreUnavailable`; repeating is harmless
 */
export function createSweepUnsettled(deps: ActivityDependencies) {
  return async (input: SweepInput): Promise<SweepResult> => {
    try {
      return await sweep(deps, input);
    } catch (error) {
      throw toFailure(error, 'record');
    }
  };
}

async function sweep(deps: ActivityDependencies, input: SweepInput): Promise<SweepResult> {
  const total = { started: 0, alreadyCompleted: 0, notStarted: 0, delivered: 0 };
  let after: UnsettledPlace | null = null;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const page = await deps.unsettled.page({ ...input, limit: pageSize, after });
    for (let first = 0; first < page.payments.length; first += parallel) {
      const group = page.payments.slice(first, first + parallel);
      const outcomes = await startGroup(deps, group);
      for (const outcome of outcomes) total[outcome] += 1;
    }
    after = page.next;
    if (after === null) break;
  }
  total.delivered = await deliverLeftovers(deps, input);
  return total;
}

/** Each kind by itself: one that cannot be delivered must not hold up the others. */
async function deliverLeftovers(deps: ActivityDependencies, input: SweepInput): Promise<number> {
  const query = { ageMs: input.pendingAfterMs, limit: pageSize };
  let delivered = 0;
  for (const leftovers of deps.leftovers) {
    try {
      delivered += await leftovers.deliver(query);
    } catch (error) {
      deps.log.error({ leftovers: leftovers.name, cause: causeOf(error) }, 'leftovers stay behind');
    }
  }
  return delivered;
}

/**
 * Starts each saga by itself: one that cannot be started must not hold up those behind it for ever.
 * @throws SagaUnavailable when none got through, which is an outage and no fault of the payments
 */
async function startGroup(
  deps: ActivityDependencies,
  group: readonly SagaStart[],
): Promise<Outcome[]> {
  const starts = await Promise.allSettled(group.map((payment) => startOne(deps, payment)));
  const failures = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason] : []));
  const outage: unknown = failures.find((reason) => reason instanceof SagaUnavailable);
  if (failures.length === group.length && outage !== undefined) throw outage;
  return starts.map((start) => (start.status === 'fulfilled' ? start.value : 'notStarted'));
}

async function startOne(deps: ActivityDependencies, payment: SagaStart): Promise<Outcome> {
  const { paymentId } = payment;
  try {
    if ((await deps.sagas.start(payment)) === 'started_or_running') return 'started';
    deps.log.error({ paymentId }, 'the payment is open, its saga completed');
    return 'alreadyCompleted';
  } catch (error) {
    deps.log.error(
      { paymentId, cause: causeOf(error) },
      'the saga of the payment could not be started',
    );
    throw error;
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : 'unknown fault';
}
