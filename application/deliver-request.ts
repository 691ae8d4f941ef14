import type { Leftovers } from './ports/leftovers';
import type { Log } from './ports/log';
import type { OpenRequest, OpenRequests, SagaRequests } from './ports/saga-requests';

export interface DeliverRequestDeps {
  readonly requests: OpenRequests;
  readonly sagaRequests: SagaRequests;
  readonly log: Log;
}

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

/** As `deliverRequest`, for a request that was just read. */
export async function handOver(deps: DeliverRequestDeps, request: OpenRequest): Promise<Delivery> {
  if ((await deps.sagaRequests.handOver(request)) === 'taken') return 'taken';
  const { requestId, payment } = request;
  const refusal = 'the payment had ended before the request reached it';
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
      for (const request of requests) await handOver(deps, request);
      return requests.length;
    },
  };
}
