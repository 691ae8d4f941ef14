import type { Leftovers } from './ports/leftovers';
import type { Log } from './ports/log';
import type { PendingRefunds, RefundStart, RefundStarter } from './ports/refund-starter';
import { SagaRefused } from './ports/saga-starter';
import type { SagaStartOutcome } from './ports/saga-starter';

export interface DeliverRefundDeps {
  readonly pendingRefunds: PendingRefunds;
  readonly refundStarter: RefundStarter;
  readonly log: Log;
}

// Starting is one small call; ten at a time leave Temporal most of its capacity for the sagas.
const parallel = 10;
// With the sweeper's pages of 200 these are 10,000 refunds a run.
const maxPages = 50;

/**
 * Starts the saga of a stored refund; repeating it is harmless.
 * @throws SagaUnavailable | SagaRefused | StoreUnavailable; the refund stays stored
 */
export async function deliverRefund(
  deps: DeliverRefundDeps,
  refundId: string,
): Promise<SagaStartOutcome | 'ended'> {
  const refund = await deps.pendingRefunds.find(refundId);
  return refund === null ? 'ended' : start(deps, refund);
}

/** Refunds whose command was lost, or whose saga was ended from outside. */
export function createRefundLeftovers(deps: DeliverRefundDeps): Leftovers {
  return {
    name: 'refunds',
    async deliver({ ageMs, limit }) {
      let after: string | null = null;
      let seenTo = 0;
      // Refunds that wait for the provider for weeks are on the first pages; those behind are not
      // left to a later run.
      for (let pages = 0; pages < maxPages; pages += 1) {
        const page = await deps.pendingRefunds.page({ ageMs, limit, after });
        for (let first = 0; first < page.length; first += parallel) {
          await Promise.all(
            page.slice(first, first + parallel).map((each) => startOne(deps, each)),
          );
        }
        seenTo += page.length;
        after = page.at(-1)?.refundId ?? null;
        if (page.length < limit) break;
      }
      return seenTo;
    },
  };
}

/** One that cannot be started must not hold up the others. @throws SagaUnavailable */
async function startOne(deps: DeliverRefundDeps, refund: RefundStart): Promise<void> {
  try {
    await start(deps, refund);
  } catch (error) {
    if (!(error instanceof SagaRefused)) throw error;
    const { paymentId, refundId } = refund;
    deps.log.error({ paymentId, refundId, cause: error.message }, 'refund not started');
  }
}

async function start(deps: DeliverRefundDeps, refund: RefundStart): Promise<SagaStartOutcome> {
  const outcome = await deps.refundStarter.start(refund);
  if (outcome === 'already_completed') {
    const { paymentId, refundId } = refund;
    deps.log.error({ paymentId, refundId }, 'the refund is pending, its saga completed');
  }
  return outcome;
}
