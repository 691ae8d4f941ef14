import { NativeConnection, Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import path from 'node:path';
import type { Tracing } from '../../application/ports/tracing';
import { temporalConnection } from './connection';
import type { TemporalAddress } from './connection';
import { activitySpans } from './trace-headers';

export interface SagaWorkerOptions extends TemporalAddress {
  readonly taskQueue: string;
  readonly activities: object;
  /** The prebuilt bundle, or the folder from which one is built at start. */
  readonly workflows: { readonly bundlePath: string } | { readonly workflowsPath: string };
  readonly identity: string;
  readonly shutdownGraceMs: number;
  /** Null where no spans are made. */
  readonly tracing?: Tracing | null;
}

export interface SagaWorker {
  /** Polls until `shutdown`; rejects when the worker breaks. */
  readonly finished: Promise<void>;
  /** Takes no more tasks, lets running ones end, closes the connection. */
  shutdown(): Promise<void>;
}

/**
 * Starts polling for workflow and activity tasks of the saga.
 * @throws when Temporal cannot be reached
 */
export async function startSagaWorker(options: SagaWorkerOptions): Promise<SagaWorker> {
  const connection = await NativeConnection.connect({
    ...temporalConnection(options),
    // Compressing costs more than it saves between processes of one machine or one data centre.
    grpcCompression: { codec: 'none' },
  });
  const worker = await createWorker(connection, options).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const finished = runThenClose(worker, connection);
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

async function runThenClose(worker: Worker, connection: NativeConnection): Promise<void> {
  try {
    await worker.run();
  } finally {
    await connection.close();
  }
}

function createWorker(connection: NativeConnection, options: SagaWorkerOptions): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    identity: options.identity,
    activities: options.activities,
    ...workflowCode(options),
    // The maximum-polls options are ignored by this version of the SDK; these are not.
    workflowTaskPollerBehavior: { type: 'autoscaling', initial: 4, maximum: 16 },
    activityTaskPollerBehavior: { type: 'autoscaling', initial: 4, maximum: 16 },
    // A query or task for a worker that was killed waits this long before another one gets it.
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownGraceTime: options.shutdownGraceMs,
    shutdownForceTime: options.shutdownGraceMs + 5_000,
  });
}

/** The prebuilt bundle holds the interceptor already, and a worker given both would warn of it. */
function workflowCode({ workflows, tracing }: SagaWorkerOptions) {
  const activity = tracing ? activitySpans(tracing) : [];
  if ('bundlePath' in workflows) {
    return { workflowBundle: { codePath: workflows.bundlePath }, interceptors: { activity } };
  }
  const workflowModules = [path.join(workflows.workflowsPath, 'trace-context')];
  return { ...workflows, interceptors: { activity, workflowModules } };
}

/** Whether the server sees this worker polling: the only proof that it will get tasks. */
export async function isPolling(
  client: Client,
  { taskQueue, identity }: { readonly taskQueue: string; readonly identity: string },
): Promise<boolean> {
  const response = await client.withDeadline(Date.now() + 1_000, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
      // WORKFLOW in temporal.api.enums.v1.TaskQueueType.
      taskQueueType: 1,
    }),
  );
  return (response.pollers ?? []).some((poller) => poller.identity === identity);
}
