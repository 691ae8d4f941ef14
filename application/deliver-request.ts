import { isSettled } from '../domain/payment-states';
import type { Leftovers } from './ports/leftovers';
import type { Log } from './ports/log';
import { SagaUnavailable } from './ports/saga-starter';
import type { OpenRequest, OpenRequests, SagaRequests } from './ports/saga-requests';

export interface DeliverRequestDeps {
  readonly requests: OpenRequests;
  readonly sagaRequests: SagaRequests;
  readonly log: Log;
}

const parallel = 10;

/** `closed`: answered before, or refused now. */
export type Delivery = 'taken' | 'closed';

/**
 * Hands a stored capture or cancel to its saga. Safe to repeat: the saga takes each request id once.
 * @throws SagaUnavailable | StoreUnavailable; the request stays stored, and is delivered later
 */
export async function deliverRequest(
  deps: DeliverRequestDeps,
  requestId: string,
): Promise<Delivery> {
  const request = await deps.requests.find(requestId);
  return request === null ? 'closed' : handOver(deps, request);
}

/**
 * As `deliverRequest`, for a command of the queue: a saga that does not answer must not hold up the
 * commands behind it. The request is stored, and the sweeper delivers it.
 */
export async function deliverStored(deps: DeliverRequestDeps, requestId: string): Promise<void> {
  try {
    await deliverRequest(deps, requestId);
  } catch (error) {
    if (!(error instanceof SagaUnavailable)) throw error;
    deps.log.warn({ requestId, error: error.message }, 'request not delivered; the sweeper will');
  }
}

/** As `deliverRequest`, for a request that was just read. */
export async function handOver(deps: DeliverRequestDeps, request: OpenRequest): Promise<Delivery> {
  const { requestId, payment, status } = request;
  // The saga of a parked payment would take the request and not answer it before an operator comes.
  const isOver = isSettled(status);
  if (!isOver && (await deps.sagaRequests.handOver(request)) === 'taken') return 'taken';
  const refusal = isOver
    ? `the payment has become ${status}`
    : 'the payment had ended before the request reached it';
  await deps.requests.refuse({ paymentId: payment.paymentId, requestId, refusal });
  deps.log.info({ paymentId: payment.paymentId, requestId, refusal }, 'request refused');
  return 'closed';
}

/** Requests whose command was lost, or whose saga was away. */
export function createRequestLeftovers(deps: DeliverRequestDeps): Leftovers {
  return {
    name: 'requests',
    async deliver(query) {
      const requests = await deps.requests.olderThan(query);
      let delivered = 0;
      for (let first = 0; first < requests.length; first += parallel) {
        const group = requests.slice(first, first + parallel);
        const outcomes = await Promise.allSettled(group.map((request) => handOver(deps, request)));
        const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
        // One saga that does not answer must not hold up the others; all of them are an outage.
        if (failed.length === group.length) throw failed[0]?.reason;
        delivered += group.length - failed.length;
      }
      return delivered;
    },
  };
}
