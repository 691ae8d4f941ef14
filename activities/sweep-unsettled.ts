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
  const total = { started: 0, alreadyCompleted: 0 };
  let after: UnsettledPlace | null = null;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const page = await deps.unsettled.page({ ...input, limit: pageSize, after });
    for (let first = 0; first < page.payments.length; first += parallel) {
      const group = page.payments.slice(first, first + parallel);
      const completed = await Promise.all(group.map((payment) => startOne(deps, payment)));
      total.alreadyCompleted += completed.filter(Boolean).length;
      total.started += group.length - completed.filter(Boolean).length;
    }
    after = page.next;
    if (after === null) break;
  }
  return total;
}

/** Starts one saga; true when it had completed although its payment is open. */
async function startOne(deps: ActivityDependencies, payment: SagaStart): Promise<boolean> {
  const completed = (await deps.sagas.start(payment)) === 'already_completed';
  if (completed) {
    deps.log.error({ paymentId: payment.paymentId }, 'the payment is open, its saga completed');
  }
  return completed;
}
