import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { fromStack } from '../test/support/stack-environment';
import type { undoInOrder } from '../test/support/undo-in-order';
import { silenceTemporal } from '../test/support/silent-log';

jest.setTimeout(60_000);

let environment: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundle;

silenceTemporal();

beforeAll(async () => {
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
  [environment, workflowBundle] = await Promise.all([
    TestWorkflowEnvironment.createTimeSkipping({
      server: {
        executable: { type: 'existing-path', path: fromStack('TEMPORAL_TEST_SERVER_PATH') },
      },
    }),
    bundleWorkflowCode({
      workflowsPath: require.resolve('../test/support/undo-in-order'),
      logger: quiet,
    }),
  ]);
});

afterAll(() => environment?.teardown());

const acts = ['authorize', 'capture', 'record'];

test.each([
  ['nothing', null, [], []],
  ['authorize', 'authorize', [], ['authorize']],
  ['capture', 'capture', [], ['capture', 'authorize']],
  ['record', 'record', [], ['record', 'capture', 'authorize']],
  ['record, and an undo is stuck', 'record', ['capture'], ['record', 'capture', 'authorize']],
])(
  'what fails at %s is undone from the last act to the first',
  async (_, failsAt, stuck, undone) => {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: randomUUID(),
      workflowBundle,
    });
    const result = await worker.runUntil(
      environment.client.workflow.execute<typeof undoInOrder>('undoInOrder', {
        workflowId: randomUUID(),
        taskQueue: worker.options.taskQueue,
        args: [{ acts, failsAt, stuck }],
      }),
    );
    expect(result.undone).toEqual(undone);
    expect(result.kind).toBe(failsAt === null ? null : stuck.length > 0 ? 'unfinished' : 'undone');
  },
);
