import { NativeConnection, Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { temporalConnection } from './connection';
import type { TemporalAddress } from './connection';

export interface RelayWorkerOptions extends TemporalAddress {
  readonly taskQueue: string;
  readonly activities: object;
  /** The prebuilt bundle, or the folder from which one is built at start. */
  readonly workflows: { readonly bundlePath: string } | { readonly workflowsPath: string };
  readonly identity: string;
  readonly shutdownForceMs: number;
}

export interface RelayWorker {
  /** Polls until `shutdown`; rejects when the worker breaks. */
  readonly finished: Promise<void>;
  /** Tells the relaying activity to end at once, waits for it, closes the connection. */
  shutdown(): Promise<void>;
}

/**
 * Starts polling for the relay's supervisor and its activity.
 * @throws when Temporal cannot be reached
 */
export async function startRelayWorker(options: RelayWorkerOptions): Promise<RelayWorker> {
  const connection = await NativeConnection.connect({
    ...temporalConnection(options),
    // Compressing costs more than it saves between processes of one machine or one data centre.
    grpcCompression: { codec: 'none' },
  });
  const worker = await createWorker(connection, options).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const finished = runUntilClosed(worker, connection);
  // The root awaits it again; without this a failure before that would end the process unheard.
  finished.catch(() => undefined);
  return {
    finished,
    async shutdown() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

async function runUntilClosed(worker: Worker, connection: NativeConnection): Promise<void> {
  try {
    await worker.run();
  } finally {
    await connection.close();
  }
}

function createWorker(connection: NativeConnection, options: RelayWorkerOptions): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    identity: options.identity,
    activities: options.activities,
    ...('bundlePath' in options.workflows
      ? { workflowBundle: { codePath: options.workflows.bundlePath } }
      : options.workflows),
    // One workflow and one activity: more pollers would only be idle calls.
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
    // By default a heartbeat timeout of 5 s means one beat in 4 s, a second from a false takeover.
    maxHeartbeatThrottleInterval: '1s',
    stickyQueueScheduleToStartTimeout: '1s',
    // The activity would relay for an hour: it is told at once, and given time to end its confirms.
    shutdownGraceTime: 0,
    shutdownForceTime: options.shutdownForceMs,
  });
}

/** Whether the server sees this worker polling for activities: the only proof that it gets them. */
export async function isPollingForActivities(
  client: Client,
  { taskQueue, identity }: { readonly taskQueue: string; readonly identity: string },
): Promise<boolean> {
  const response = await client.withDeadline(Date.now() + 1_500, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
      // ACTIVITY in temporal.api.enums.v1.TaskQueueType.
      taskQueueType: 2,
    }),
  );
  return (response.pollers ?? []).some((poller) => poller.identity === identity);
}
