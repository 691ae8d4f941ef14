import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import type { SagaStart, SagaStarter } from '../../application/ports/saga-starter';
import type { ProcessPaymentInput, SagaBudgets } from '../../contracts/saga';
import {
  processPaymentWorkflowId,
  searchAttributes,
  workflowTypes,
} from '../../contracts/workflow-names';
import { formatMoney } from '../../domain/money';

export interface SagaStarterOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly budgets: SagaBudgets;
  /** A start without an answer after this long counts as Temporal being away. */
  readonly timeoutMs: number;
}

const merchantId = defineSearchAttributeKey(searchAttributes.merchantId, 'KEYWORD');
const paymentStatus = defineSearchAttributeKey(searchAttributes.paymentStatus, 'KEYWORD');
const amountMinor = defineSearchAttributeKey(searchAttributes.amountMinor, 'INT');

/** Starts `processPayment` by id: once for each payment, however often it is asked. */
export function createSagaStarter(options: SagaStarterOptions): SagaStarter {
  return {
    async start(payment) {
      try {
        await options.client.withDeadline(Date.now() + options.timeoutMs, () =>
          startWorkflow(options, payment),
        );
        return 'started_or_running';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already_completed';
        throw new SagaUnavailable('the saga could not be started', { cause: error });
      }
    },
  };
}

function startWorkflow({ client, taskQueue, budgets }: SagaStarterOptions, payment: SagaStart) {
  // Only what the workflow needs: an input field that is passed on by accident stays for ever.
  const input: ProcessPaymentInput = {
    paymentId: payment.paymentId,
    merchantId: payment.merchantId,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    flags: payment.flags,
    budgets,
  };
  return client.workflow.start(workflowTypes.processPayment, {
    workflowId: processPaymentWorkflowId(payment.paymentId),
    taskQueue,
    args: [input],
    // The SDK's default would run a command that was delivered again after its saga ended.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${formatMoney(payment)} for ${payment.merchantId}`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: paymentStatus, value: 'pending' },
      { key: merchantId, value: payment.merchantId },
      { key: amountMinor, value: payment.amountMinor },
    ]),
  });
}
