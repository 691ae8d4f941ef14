import { StoreRefused } from '../application/ports/saga-store';
import type { SagaPayment } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { ActivityFault } from './errors';

type Payment = Pick<SagaPayment, 'paymentId' | 'flags'>;

/**
 * Lets the committed change be heard. With the outbox the row is there and a signal is enough.
 * Without it the events go straight to the broker, oldest first; one that was left behind by an
 * earlier failure goes before its successors.
 * @throws ActivityFault `PublishUnavailable`, only while the payment's retry logic is on
 */
export async function announce(deps: ActivityDependencies, payment: Payment): Promise<void> {
  if (payment.flags.outboxPattern) {
    deps.outboxSignal.notify();
    return;
  }
  for (const event of await deps.store.unpublishedEvents(payment.paymentId)) {
    const outcome = await deps.publisher.publish(event);
    if (outcome.kind === 'confirmed') {
      await deps.store.markPublished(event.id);
      continue;
    }
    const fault = `event ${event.id} was not published: ${outcome.reason}`;
    if (payment.flags.retryLogic) throw new ActivityFault(faultTypes.publishUnavailable, fault);
    // One attempt was asked for. The transition keeps published_at empty as the evidence.
    deps.log.error({ paymentId: payment.paymentId, eventId: event.id }, fault);
    return;
  }
}

/**
 * Announces a step on the way. Neither a broker that is away nor a table of events that refuses
 * may hold up or end the charge: the outcome's own announcement sends what is left, in order.
 */
export async function announceProgress(
  deps: ActivityDependencies,
  payment: Payment,
): Promise<void> {
  try {
    await announce(deps, payment);
  } catch (error) {
    if (!(error instanceof ActivityFault || error instanceof StoreRefused)) throw error;
    deps.log.warn({ paymentId: payment.paymentId }, error.message);
  }
}
