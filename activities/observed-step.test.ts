import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import type { SagaPayment } from '../application/ports/saga-store';
import type { ActivityDependencies } from './dependencies';
import { observed } from './observed-step';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const payment = { traceparent: `00-${traceId}-b7ad6b7169203331-01` } as unknown as SagaPayment;

function world() {
  const lines: object[] = [];
  const ended: object[] = [];
  const write = (fields: object, message: string) => void lines.push({ ...fields, message });
  // Only what observing touches; a call of anything else fails the test by itself.
  const deps = {
    store: { load: async () => payment },
    log: { info: write, warn: write },
    metrics: { stepEnded: (step: object) => void ended.push(step) },
  } as unknown as ActivityDependencies;
  const step = observed(deps, 'authorizePayment', (own) => async (input: { paymentId: string }) => {
    await own.store.load(input.paymentId);
    if (input.paymentId === 'pay_refused') {
      throw ApplicationFailure.create({ message: 'no', type: 'StoreRefused', nonRetryable: true });
    }
    if (input.paymentId === 'pay_away') {
      throw ApplicationFailure.create({ message: 'away', type: 'ProviderUnavailable' });
    }
    return 'captured';
  });
  const run = (paymentId: string, attempt = 1) =>
    new MockActivityEnvironment(
      { attempt, workflowExecution: { workflowId: `payment:${paymentId}`, runId: 'r' } },
      { logger: new DefaultLogger('ERROR', () => undefined) },
    ).run(step, { paymentId });
  return { run, lines, ended };
}

test('a step is logged with its payment, workflow, trace and attempt, and its answer passes', async () => {
  const { run, lines, ended } = world();
  expect(await run('pay_1', 3)).toBe('captured');
  expect(lines).toMatchObject([
    {
      message: 'saga step done',
      step: 'authorizePayment',
      paymentId: 'pay_1',
      workflowId: 'payment:pay_1',
      traceId,
      attempt: 3,
    },
  ]);
  expect(ended).toMatchObject([
    { step: 'authorizePayment', result: 'done', fault: null, attempt: 3 },
  ]);
});

test.each([
  ['pay_away', 'retry', 'ProviderUnavailable'],
  ['pay_refused', 'final', 'StoreRefused'],
])('the failure of %s passes unchanged, and is told apart as %s', async (id, result, fault) => {
  const { run, lines, ended } = world();
  await expect(run(id)).rejects.toThrow(/^(no|away)$/);
  expect(ended).toMatchObject([{ result, fault }]);
  expect(lines).toMatchObject([{ paymentId: id, traceId, fault }]);
});
