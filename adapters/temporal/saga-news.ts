import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { FactStart, SagaNews } from '../../application/ports/saga-news';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import type { ApplyFactInput } from '../../contracts/saga';
import {
  processPaymentWorkflowId,
  providerFactWorkflowId,
  refundPaymentWorkflowId,
  signals,
  workflowTypes,
} from '../../contracts/workflow-names';
import type { SagaStarterOptions } from './saga-starter';

type Options = Omit<SagaStarterOptions, 'budgets'>;

/**
 * Brings news to sagas by signal. It never starts a payment's saga: one that has ended would charge
 * anew, and what came after its end is applied by a workflow of its own.
 */
export function createSagaNews(options: Options): SagaNews {
  return {
    tellPayment: (paymentId) => signal(options, processPaymentWorkflowId(paymentId)),
    tellRefund: (refundId) => signal(options, refundPaymentWorkflowId(refundId)),
    applyFact: (fact) => asking(options, options.timeoutMs, () => start(options, fact)),
    factApplied: async ({ limitMs, ...fact }) => {
      await asking(options, options.timeoutMs, () => start(options, fact));
      return endsWithin(options, fact, limitMs);
    },
  };
}

function signal(options: Options, workflowId: string): Promise<boolean> {
  return asking(options, options.timeoutMs, async () => {
    try {
      await options.client.workflow.getHandle(workflowId).signal(signals.providerNews);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  });
}

async function start({ client, taskQueue }: Options, fact: FactStart): Promise<void> {
  const input: ApplyFactInput = { paymentId: fact.paymentId, cause: fact.cause };
  try {
    await client.workflow.start(workflowTypes.applyProviderFact, {
      workflowId: providerFactWorkflowId(fact.cause),
      taskQueue,
      args: [input],
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      staticSummary: `what the provider shows of ${fact.paymentId}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Whether it is applied in time; a provider that is away keeps the workflow running. */
async function endsWithin(options: Options, fact: FactStart, limitMs: number): Promise<boolean> {
  const handle = options.client.workflow.getHandle(providerFactWorkflowId(fact.cause));
  try {
    await options.client.withDeadline(Date.now() + limitMs, () => handle.result());
    return true;
  } catch {
    return false;
  }
}

async function asking<T>(
  { client }: Options,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + timeoutMs, call);
  } catch (error) {
    throw new SagaUnavailable('the saga could not be told', { cause: error });
  }
}
