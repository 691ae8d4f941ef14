import type { SagaStarter } from '../../application/ports/saga-starter';
import type { SagaStore } from '../../application/ports/saga-store';
import type { Tracing } from '../../application/ports/tracing';
import { processPaymentWorkflowId, workflowTypes } from '../../contracts/workflow-names';

/**
 * Starts a saga in a span, which its workflow carries on to its activities. The sweeper works in no
 * trace: there the span belongs to the trace of the request that made the payment.
 */
export function traceSagaStarter(sagas: SagaStarter, tracing: Tracing | null): SagaStarter {
  if (tracing === null) return sagas;
  return {
    start: (payment) => {
      const parent = tracing.current() ?? payment.traceparent;
      // A trace of its own would tell nothing of the request, and look as if it were all there is.
      if (typeof parent !== 'string') return sagas.start(payment);
      const name = `StartWorkflow:${workflowTypes.processPayment}`;
      const attributes = {
        'paysaga.payment_id': payment.paymentId,
        'temporal.workflow_id': processPaymentWorkflowId(payment.paymentId),
      };
      return tracing.inSpan({ name, kind: 'client', parent, attributes }, async (span) => {
        const outcome = await sagas.start(payment);
        span.set({ 'paysaga.outcome': outcome });
        return outcome;
      });
    },
  };
}

/** A store whose events carry the traceparent of the step that caused them. */
export function traceSagaStore(store: SagaStore, tracing: Tracing | null): SagaStore {
  if (tracing === null) return store;
  return {
    ...store,
    transition: (change) => {
      const traceparent = tracing.current() ?? change.payment.traceparent;
      return store.transition({ ...change, payment: { ...change.payment, traceparent } });
    },
  };
}
