import type { CrashPoints } from '../application/ports/crash-points';
import type { DisputeStore } from '../application/ports/dispute-store';
import type { Leftovers } from '../application/ports/leftovers';
import type { Log } from '../application/ports/log';
import type { SagaMetrics } from '../application/ports/metrics';
import type { MessagePublisher } from '../application/ports/message-publisher';
import type { OutboxSignal } from '../application/ports/outbox-signal';
import type { ParkedPayments } from '../application/ports/parked-payments';
import type { PaymentProvider } from '../application/ports/payment-provider';
import type { RefundStore } from '../application/ports/refund-store';
import type { SagaStarter } from '../application/ports/saga-starter';
import type { SagaStore } from '../application/ports/saga-store';
import type { UnsettledPayments } from '../application/ports/unsettled-payments';

/** Everything outside that the saga's activities touch. */
export interface ActivityDependencies {
  readonly store: SagaStore;
  readonly refunds: RefundStore;
  readonly disputes: DisputeStore;
  readonly provider: PaymentProvider;
  /** Used only for payments that were accepted with the outbox off. */
  readonly publisher: MessagePublisher;
  readonly outboxSignal: OutboxSignal;
  readonly crashPoints: CrashPoints;
  readonly sagas: SagaStarter;
  readonly unsettled: UnsettledPayments;
  readonly parked: ParkedPayments;
  readonly leftovers: readonly Leftovers[];
  readonly log: Log;
  readonly metrics: SagaMetrics;
}
