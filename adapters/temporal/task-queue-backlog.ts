import type { Client } from '@temporalio/client';

export type TaskKind = 'workflow' | 'activity';

export interface Backlog {
  readonly kind: TaskKind;
  /** Tasks that no worker has taken, as the server estimates it. */
  readonly tasks: number;
  readonly pollers: number;
}

// Values of temporal.api.enums.v1.TaskQueueType; the enum lives in a package of its own.
const kinds = { workflow: 1, activity: 2 } as const;
const timeoutMs = 2_000;

/**
 * How many tasks wait on a task queue, and for how many pollers.
 * @throws when Temporal gives no answer in time
 */
export async function taskQueueBacklog(client: Client, taskQueue: string): Promise<Backlog[]> {
  return Promise.all([backlogOf('workflow'), backlogOf('activity')]);

  async function backlogOf(kind: TaskKind): Promise<Backlog> {
    const answer = await client.withDeadline(Date.now() + timeoutMs, () =>
      client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: kinds[kind],
        reportStats: true,
      }),
    );
    const tasks = Number(answer.stats?.approximateBacklogCount ?? 0);
    return { kind, tasks, pollers: answer.pollers?.length ?? 0 };
  }
}
