import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { BareActivities } from './bare-workflow';

const taskQueue = 'bench-bare';

const activities: BareActivities = {
  regularNoop: () => Promise.resolve(),
  localNoop: () => Promise.resolve(),
};

/** A worker and a client for the bare workflow. */
export interface BareSaga {
  /** Runs one workflow from start to result. */
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a worker with the settings of the saga's own, in this process. */
export async function startBareSaga(address: string): Promise<BareSaga> {
  Runtime.install({ shutdownSignals: [] });
  const grpcCompression = { codec: 'none' } as const;
  const native = await NativeConnection.connect({ address, grpcCompression });
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowsPath: path.join(__dirname, 'bare-workflow.js'),
    activities,
  });
  const finished = worker.run();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  return {
    async run() {
      const workflowId = `bench:${randomUUID()}`;
      await client.workflow.execute('bareWorkflow', { workflowId, taskQueue });
    },
    async close() {
      worker.shutdown();
      await finished;
      await connection.close();
      await native.close();
    },
  };
}
