import type { AcceptPayment } from '../application/accept-payment';
import type { AcceptRefund } from '../application/accept-refund';
import type { AcceptRequest } from '../application/accept-request';
import type { Authenticate } from '../application/authenticate';
import type { OperateOnPayment } from '../application/operator-action';
import type { AuditTrail } from '../application/ports/audit-trail';
import type { CustomerActions } from '../application/ports/customer-actions';
import type { Log } from '../application/ports/log';
import type { OutboxDesk } from '../application/ports/outbox-desk';
import type { PaymentReader } from '../application/ports/payment-reader';
import type { WebhookVerifier } from '../application/ports/provider-webhooks';
import type { RateLimiter } from '../application/ports/rate-limiter';
import type { ReceiveEvent } from '../application/receive-event';
import type { SynchronizePayment } from '../application/synchronize-payment';
import type { ReconciliationDesk } from '../application/ports/reconciliation-desk';
import type { Tracing } from '../application/ports/tracing';
import type { RedriveOutbox } from '../application/redrive-outbox';
import type { ReadTimeline } from '../application/timeline';
import type { StartReconciliation } from '../application/start-reconciliation';
import type { Metrics } from './metrics';
import type { ReadinessCheck } from './routes/health/readiness-check';

/** What the routes are built from; the composition root gives it. */
export interface AppDeps {
  readonly acceptPayment: AcceptPayment;
  readonly acceptRequest: AcceptRequest;
  readonly acceptRefund: AcceptRefund;
  /** Null where the process has no key of the provider's. */
  readonly actions: CustomerActions | null;
  readonly audit: AuditTrail;
  readonly authenticate: Authenticate;
  readonly payments: PaymentReader;
  readonly readTimeline: ReadTimeline;
  readonly operateOnPayment: OperateOnPayment;
  readonly outbox: OutboxDesk;
  readonly redriveOutbox: RedriveOutbox;
  readonly reconciliations: ReconciliationDesk;
  readonly startReconciliation: StartReconciliation;
  readonly webhooks: WebhookVerifier;
  readonly receiveEvent: ReceiveEvent;
  readonly synchronizePayment: SynchronizePayment;
  readonly metrics: Metrics;
  readonly checks: readonly ReadinessCheck[];
  readonly isDraining: () => boolean;
  /** Without a final slash; empty makes links to error pages relative. */
  readonly publicUrl: string;
  /** Null where no spans are made. */
  readonly tracing?: Tracing | null;
  readonly rateLimits: {
    /** By the id of an API key. */
    readonly byKey: RateLimiter;
    /** By address, for what needs no key. */
    readonly byAddress: RateLimiter;
  };
  /** Whose X-Forwarded-For names the address; empty: nobody's. */
  readonly trustedProxies: readonly string[];
  readonly log: Log;
}
