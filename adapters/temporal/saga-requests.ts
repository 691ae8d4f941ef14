import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import type { OpenRequest, SagaRequests } from '../../application/ports/saga-requests';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import type { RequestInput } from '../../contracts/saga';
import { updates, workflowTypes } from '../../contracts/workflow-names';
import { startOptions } from './saga-starter';
import type { SagaStarterOptions } from './saga-starter';

/**
 * Hands requests to sagas as updates whose id is the request's: one that is handed over twice is
 * taken once. A saga that has not begun is started by the same call, so a request is accepted and
 * delivered in whatever order commands arrive.
 */
export function createSagaRequests(options: SagaStarterOptions): SagaRequests {
  return {
    async handOver(request) {
      try {
        await options.client.withDeadline(Date.now() + options.timeoutMs, () =>
          submit(options, request),
        );
        return 'taken';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'ended';
        throw new SagaUnavailable('the request could not be handed over', { cause: error });
      }
    },
  };
}

async function submit(options: SagaStarterOptions, request: OpenRequest): Promise<void> {
  const input: RequestInput = {
    requestId: request.requestId,
    ...(request.amountMinor === null ? {} : { amountMinor: request.amountMinor }),
  };
  await options.client.workflow.startUpdateWithStart(updates[request.kind], {
    args: [input],
    updateId: request.requestId,
    // Accepted means kept by Temporal; the outcome is written to the request's row by the saga.
    waitForStage: 'ACCEPTED',
    startWorkflowOperation: new WithStartWorkflowOperation(
      workflowTypes.processPayment,
      startOptions(options, request.payment),
    ),
  });
}
