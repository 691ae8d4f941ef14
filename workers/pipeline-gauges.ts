import type { Registry } from 'prom-client';
import type { PipelineStateReader } from '../adapters/postgres/pipeline-state';
import type { QueueDepths } from '../adapters/rabbitmq/queue-depths';
import { addStateGauges } from '../adapters/system/metrics/state-gauges';
import { taskQueueBacklog } from '../adapters/temporal/task-queue-backlog';
import type { TemporalClient } from '../adapters/temporal/client';

/** What waits in the database, as gauges without labels. */
export function addPipelineGauges(registry: Registry, state: PipelineStateReader): void {
  addStateGauges(registry, {
    gauges: {
      paysaga_outbox_backlog_rows: 'Outbox rows neither published nor dead; counted to 100,000',
      paysaga_outbox_oldest_unpublished_seconds: 'Age of the oldest such row; 0 without one',
      paysaga_outbox_dead_rows: 'Outbox rows given up and not redriven',
      paysaga_outbox_blocked_payments: 'Payments whose events wait behind a refused or dead one',
      paysaga_payments_unsettled: 'Payments that are pending or processing; counted to 100,000',
      paysaga_payments_oldest_unsettled_seconds: 'Time since the longest untouched one changed',
      paysaga_payments_needs_review: 'Payments parked for an operator',
    },
    labelNames: [],
    read: async () => {
      const now = await state.read();
      const only = (value: number) => [{ labels: {}, value }];
      return {
        paysaga_outbox_backlog_rows: only(now.outboxBacklog),
        paysaga_outbox_oldest_unpublished_seconds: only(now.oldestUnpublishedSeconds),
        paysaga_outbox_dead_rows: only(now.outboxDead),
        paysaga_outbox_blocked_payments: only(now.blockedPayments),
        paysaga_payments_unsettled: only(now.unsettledPayments),
        paysaga_payments_oldest_unsettled_seconds: only(now.oldestUnsettledSeconds),
        paysaga_payments_needs_review: only(now.needsReview),
      };
    },
  });
}

/** What waits in the broker's queues, and for how many consumers. */
export function addQueueGauges(registry: Registry, queues: QueueDepths): void {
  addStateGauges(registry, {
    gauges: {
      paysaga_queue_messages_ready: 'Messages that wait in the queue',
      paysaga_queue_consumers: 'Consumers of the queue',
    },
    labelNames: ['queue'],
    read: async () => {
      const depths = await queues.read();
      return {
        paysaga_queue_messages_ready: depths.map(({ queue, ready }) => ({
          labels: { queue },
          value: ready,
        })),
        paysaga_queue_consumers: depths.map(({ queue, consumers }) => ({
          labels: { queue },
          value: consumers,
        })),
      };
    },
  });
}

/** What waits on the worker's own task queue, and for how many pollers. */
export function addBacklogGauges(
  registry: Registry,
  { client }: Pick<TemporalClient, 'client'>,
  taskQueue: string,
): void {
  addStateGauges(registry, {
    gauges: {
      paysaga_temporal_backlog_tasks: 'Tasks that no worker has taken, as Temporal estimates them',
      paysaga_temporal_pollers: 'Workers that Temporal sees polling',
    },
    labelNames: ['task_queue', 'kind'],
    read: async () => {
      const backlogs = await taskQueueBacklog(client, taskQueue);
      const labelled = (kind: string, value: number) => ({
        labels: { task_queue: taskQueue, kind },
        value,
      });
      return {
        paysaga_temporal_backlog_tasks: backlogs.map(({ kind, tasks }) => labelled(kind, tasks)),
        paysaga_temporal_pollers: backlogs.map(({ kind, pollers }) => labelled(kind, pollers)),
      };
    },
  });
}
