import type { Client } from '@temporalio/client';
import type { OutboxRelayInput } from '../../contracts/relay';
import { workflowTypes } from '../../contracts/workflow-names';

export interface RelaySupervisorOptions {
  readonly client: Client;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: OutboxRelayInput;
}

const callTimeoutMs = 5_000;
/** STARTED in temporal.api.enums.v1.PendingActivityState. */
const startedState = 2;

/** Who relays, in the eyes of Temporal: `unclaimed` between two attempts of the activity. */
export type RelayAssignment =
  | { readonly kind: 'assigned'; readonly identity: string }
  | { readonly kind: 'unclaimed' }
  | { readonly kind: 'paused' };

/** Starts the supervisor if it is not running. @throws when Temporal gives no answer in time */
export async function ensureRelaySupervisor(options: RelaySupervisorOptions): Promise<void> {
  const { client, workflowId, taskQueue, input } = options;
  await client.withDeadline(Date.now() + callTimeoutMs, () =>
    client.workflow.start(workflowTypes.outboxRelay, {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Outbox relay of shard ${input.shard}`,
    }),
  );
}

/** @throws when Temporal gives no answer in time, or there is no supervisor */
export async function relayAssignment(
  options: Pick<RelaySupervisorOptions, 'client' | 'workflowId'>,
): Promise<RelayAssignment> {
  const { client, workflowId } = options;
  const description = await client.withDeadline(Date.now() + callTimeoutMs, () =>
    client.workflow.getHandle(workflowId).describe(),
  );
  const run = (description.raw.pendingActivities ?? []).find(
    (activity) => activity.activityType?.name === 'relayOutbox',
  );
  if (!run) return { kind: 'paused' };
  return Number(run.state) === startedState && run.lastWorkerIdentity
    ? { kind: 'assigned', identity: run.lastWorkerIdentity }
    : { kind: 'unclaimed' };
}
