import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { ReconciliationStarter } from '../../application/ports/reconciliation-desk';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import type { ReconcileInput } from '../../contracts/reconciliation';
import { reconciliationWorkflowId, workflowTypes } from '../../contracts/workflow-names';

export interface ReconciliationStarterOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly settings: Omit<ReconcileInput, 'origin' | 'run'>;
  readonly timeoutMs: number;
}

/** Starts runs that somebody asked for; the id of the run dedupes. */
export function createReconciliationStarter(
  options: ReconciliationStarterOptions,
): ReconciliationStarter {
  const { client, taskQueue, settings, timeoutMs } = options;
  return {
    async start({ id, origin, from, to }) {
      const run = { id, from: from.toISOString(), to: to.toISOString() };
      const input: ReconcileInput = { ...settings, origin, run };
      try {
        await client.withDeadline(Date.now() + timeoutMs, () =>
          client.workflow.start(workflowTypes.reconcilePayments, {
            workflowId: reconciliationWorkflowId(id),
            taskQueue,
            args: [input],
          }),
        );
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return;
        throw new SagaUnavailable('the run could not be started', { cause: error });
      }
    },
    async finished(runId) {
      await client.workflow.getHandle(reconciliationWorkflowId(runId)).result();
    },
  };
}
