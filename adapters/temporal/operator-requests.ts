import {
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { WorkflowUpdateHandle } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type {
  OperatorAnswer,
  OperatorRequest,
  OperatorRequests,
  OperatorWish,
} from '../../application/ports/operator-requests';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import type { ProcessPaymentResult, ResolveManuallyInput } from '../../contracts/saga';
import {
  processPaymentWorkflowId,
  reviewWorkflowId,
  updates,
  workflowTypes,
} from '../../contracts/workflow-names';
import { startOptions } from './saga-starter';
import type { SagaStarterOptions } from './saga-starter';

type Handle = WorkflowUpdateHandle<ProcessPaymentResult>;

/** Hands an operator's requests on as updates whose id is the request's. */
export function createOperatorRequests(options: SagaStarterOptions): OperatorRequests {
  return {
    async submit(request) {
      try {
        const handle = await options.client.withDeadline(Date.now() + options.timeoutMs, () =>
          accepted(options, request),
        );
        return await answer(options, handle, request.limitMs);
      } catch (error) {
        throw new SagaUnavailable('the request could not be handed over', { cause: error });
      }
    },
  };
}

/** Accepted means kept by Temporal: what comes of it does not depend on who waits for it. */
async function accepted(options: SagaStarterOptions, request: OperatorRequest): Promise<Handle> {
  const saga = options.client.workflow.getHandle(
    processPaymentWorkflowId(request.payment.paymentId),
  );
  try {
    return await saga.startUpdate<ProcessPaymentResult, [ResolveManuallyInput | null]>(
      nameOf(request.wish),
      updateOptions(request),
    );
  } catch (error) {
    // It had ended before the payment was parked, or somebody ended it.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return startReview(options, request);
  }
}

function startReview(options: SagaStarterOptions, request: OperatorRequest): Promise<Handle> {
  const { payment } = request;
  return options.client.workflow.startUpdateWithStart<
    () => Promise<ProcessPaymentResult>,
    ProcessPaymentResult,
    [ResolveManuallyInput | null]
  >(nameOf(request.wish), {
    ...updateOptions(request),
    startWorkflowOperation: new WithStartWorkflowOperation(workflowTypes.reviewPayment, {
      ...startOptions(options, payment),
      workflowId: reviewWorkflowId(payment.paymentId),
      // A payment can be parked, ended and parked again.
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    }),
  });
}

function updateOptions({ id, wish }: OperatorRequest) {
  const input: ResolveManuallyInput | null =
    wish.kind === 'resolve' ? { reason: wish.reason, providerRef: wish.providerRef } : null;
  return {
    args: [input] as [ResolveManuallyInput | null],
    updateId: id,
    waitForStage: 'ACCEPTED',
  } as const;
}

async function answer(
  { client }: SagaStarterOptions,
  handle: Handle,
  limitMs: number,
): Promise<OperatorAnswer> {
  try {
    const { status } = await client.withDeadline(Date.now() + limitMs, () => handle.result());
    return { kind: 'answered', status };
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return { kind: 'refused' };
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { kind: 'working' };
    throw error;
  }
}

function nameOf({ kind }: OperatorWish): string {
  return kind === 'resolve' ? updates.resolveManually : updates.retryCompensation;
}
