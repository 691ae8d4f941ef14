import {
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import { SagaRefused, SagaUnavailable } from '../../application/ports/saga-starter';
import type {
  SagaStart,
  SagaStarter,
  SagaStartOutcome,
} from '../../application/ports/saga-starter';
import type { ProcessPaymentInput, SagaBudgets } from '../../contracts/saga';
import {
  processPaymentWorkflowId,
  searchAttributes,
  workflowTypes,
} from '../../contracts/workflow-names';
import { DomainError } from '../../domain/errors';
import { formatMoney } from '../../domain/money';

export interface SagaStarterOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly budgets: SagaBudgets;
  /** A start without an answer after this long counts as Temporal being away. */
  readonly timeoutMs: number;
}

// gRPC's status INVALID_ARGUMENT.
const invalidArgument = 3;

const merchantId = defineSearchAttributeKey(searchAttributes.merchantId, 'KEYWORD');
const paymentStatus = defineSearchAttributeKey(searchAttributes.paymentStatus, 'KEYWORD');
const amountMinor = defineSearchAttributeKey(searchAttributes.amountMinor, 'INT');

/** Starts `processPayment` by id: once for each payment, however often it is asked. */
export function createSagaStarter(options: SagaStarterOptions): SagaStarter {
  return {
    start: (payment) => startedOnce(options, () => startWorkflow(options, payment)),
  };
}

/**
 * Starts a workflow whose id is taken once.
 * @throws SagaUnavailable | SagaRefused
 */
export async function startedOnce(
  { client, timeoutMs }: SagaStarterOptions,
  start: () => Promise<unknown>,
): Promise<SagaStartOutcome> {
  try {
    await client.withDeadline(Date.now() + timeoutMs, start);
    return 'started_or_running';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already_completed';
    if (isRefusal(error)) throw new SagaRefused('the saga cannot be started', { cause: error });
    throw new SagaUnavailable('the saga could not be started', { cause: error });
  }
}

/** Whether it is this payment that cannot be started: waiting would hold up all that follow it. */
function isRefusal(error: unknown): boolean {
  if (error instanceof DomainError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return false;
  const code: number = cause.code;
  return code === invalidArgument;
}

function startWorkflow(options: SagaStarterOptions, payment: SagaStart) {
  return options.client.workflow.start(
    workflowTypes.processPayment,
    startOptions(options, payment),
  );
}

/** How the saga of a payment is started, whoever starts it. @throws DomainError for no such currency */
export function startOptions({ taskQueue, budgets }: SagaStarterOptions, payment: SagaStart) {
  // Only what the workflow needs: an input field that is passed on by accident stays for ever.
  const input: ProcessPaymentInput = {
    paymentId: payment.paymentId,
    merchantId: payment.merchantId,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    flags: payment.flags,
    budgets,
  };
  return {
    workflowId: processPaymentWorkflowId(payment.paymentId),
    taskQueue,
    args: [input] as [ProcessPaymentInput],
    // The SDK's default would run a command that was delivered again after its saga ended.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${formatMoney(payment)} for ${payment.merchantId}`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: paymentStatus, value: 'pending' },
      { key: merchantId, value: payment.merchantId },
      { key: amountMinor, value: payment.amountMinor },
    ]),
  };
}
