import {
  defineSearchAttributeKey,
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import type { RefundStart, RefundStarter } from '../../application/ports/refund-starter';
import type { RefundPaymentInput } from '../../contracts/refund';
import {
  refundPaymentWorkflowId,
  searchAttributes,
  workflowTypes,
} from '../../contracts/workflow-names';
import { formatMoney } from '../../domain/money';
import { startedOnce } from './saga-starter';
import type { SagaStarterOptions } from './saga-starter';

const merchantId = defineSearchAttributeKey(searchAttributes.merchantId, 'KEYWORD');
const amountMinor = defineSearchAttributeKey(searchAttributes.amountMinor, 'INT');

/** Starts `refundPayment` by id: once for each refund, however often it is asked. */
export function createRefundStarter(options: SagaStarterOptions): RefundStarter {
  return {
    start: (refund) => startedOnce(options, () => startWorkflow(options, refund)),
  };
}

function startWorkflow({ client, taskQueue, budgets }: SagaStarterOptions, refund: RefundStart) {
  const input: RefundPaymentInput = {
    paymentId: refund.paymentId,
    refundId: refund.refundId,
    flags: refund.flags,
    budgets,
  };
  return client.workflow.start(workflowTypes.refundPayment, {
    workflowId: refundPaymentWorkflowId(refund.refundId),
    taskQueue,
    args: [input],
    // As for payments: a command that is delivered again must not run a second saga.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `refund of ${formatMoney(refund)} for ${refund.merchantId}`,
    // No payment status: a search for payments of a status must not find their refunds. Only one
    // that waits for an operator is found as such.
    typedSearchAttributes: new TypedSearchAttributes([
      { key: merchantId, value: refund.merchantId },
      { key: amountMinor, value: refund.amountMinor },
    ]),
  });
}
