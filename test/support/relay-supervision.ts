import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createRelayActivities } from '../../activities/relay-outbox';
import type { RelayControl, RelayStatus } from '../../application/ports/relay-control';
import type { OutboxRelayInput, RelayView } from '../../contracts/relay';
import { queries, workflowTypes } from '../../contracts/workflow-names';
import { silenceTemporal } from './silent-log';
import { fromStack, testNamespace, uniqueName } from './stack-environment';

/** Publishes one message each time it is looked at, while somebody is attached. */
export class FakeRelay implements RelayControl {
  attached = 0;
  stops = 0;
  published = 0;
  database: 'here' | 'away' = 'here';
  readonly redrives: (readonly string[] | undefined)[] = [];

  attach() {
    this.attached += 1;
    let held = true;
    const detach = () => {
      if (held) this.attached -= 1;
      held = false;
    };
    return {
      detach,
      stop: async () => {
        detach();
        this.stops += 1;
      },
    };
  }

  status(): RelayStatus {
    if (this.attached > 0) this.published += 1;
    return {
      state: this.attached > 0 ? 'relaying' : 'stopped',
      epoch: '1',
      published: this.published,
      refused: 0,
      dead: 0,
      oldestUnpublishedMs: 7,
      windowUse: 0,
      window: 500,
    };
  }

  async redrive(ids?: readonly string[]): Promise<number> {
    if (this.database === 'away') throw new Error('no answer');
    this.redrives.push(ids);
    return 3;
  }
}

export interface Scene {
  readonly relay: FakeRelay;
  readonly handle: WorkflowHandle;
  readonly view: () => Promise<RelayView>;
}

export interface Supervision {
  /** Runs one supervisor over a relay of its own for as long as `act` takes. */
  run(act: (scene: Scene) => Promise<void>, input?: Partial<OutboxRelayInput>): Promise<void>;
  close(): Promise<void>;
}

/** The supervisor workflow and its real activities on the real server, over a fake relay. */
export async function openSupervision(): Promise<Supervision> {
  silenceTemporal();
  const address = fromStack('TEMPORAL_ADDRESS');
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace: testNamespace() });
  return {
    async run(act, input = {}) {
      const relay = new FakeRelay();
      const worker = await startWorker(native, relay);
      await worker.runUntil(async () => {
        const handle = await client.workflow.start(workflowTypes.outboxRelay, {
          taskQueue: worker.options.taskQueue,
          workflowId: worker.options.taskQueue,
          args: [{ shard: 0, runMs: 60_000, heartbeatTimeoutMs: 5_000, ...input }],
        });
        // The handle of start() stays with the first run; this one follows the chain.
        const chain = client.workflow.getHandle(handle.workflowId);
        await act({ relay, handle: chain, view: () => chain.query<RelayView>(queries.getRelay) });
        await chain.terminate();
      });
    },
    async close() {
      await connection.close();
      await native.close();
    },
  };
}

function startWorker(connection: NativeConnection, relay: FakeRelay): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: testNamespace(),
    taskQueue: uniqueName('relay-supervisor'),
    workflowBundle: { codePath: fromStack('WORKFLOW_BUNDLE_PATH') },
    activities: createRelayActivities(relay),
    maxHeartbeatThrottleInterval: '100ms',
  });
}
