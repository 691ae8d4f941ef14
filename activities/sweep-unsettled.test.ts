import { SagaRefused, SagaUnavailable } from '../application/ports/saga-starter';
import type { SagaStart } from '../application/ports/saga-starter';
import { faultTypes } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { createSweepUnsettled } from './sweep-unsettled';

const ages = { pendingAfterMs: 1, processingAfterMs: 1 };

/** Twenty-five payments on one page, each started as `start` says. */
function world(start: (paymentId: string) => Error | null) {
  const payments = Array.from({ length: 25 }, (_, n) => ({ paymentId: `pay_${n}` }));
  const asked: string[] = [];
  const logged: object[] = [];
  const deps = {
    leftovers: [],
    unsettled: { page: async () => ({ payments, next: null }) },
    sagas: {
      start: async ({ paymentId }: SagaStart) => {
        asked.push(paymentId);
        const error = start(paymentId);
        if (error !== null) throw error;
        return 'started_or_running';
      },
    },
    log: { error: (fields: object) => void logged.push(fields) },
  } as unknown as ActivityDependencies;
  return { sweep: createSweepUnsettled(deps), asked, logged };
}

test.each([new SagaRefused('never'), new SagaUnavailable('away'), new TypeError('a bug')])(
  'one payment that cannot be started (%s) holds up none behind it, and is logged',
  async (error) => {
    const { sweep, logged } = world((paymentId) => (paymentId === 'pay_0' ? error : null));
    expect(await sweep(ages)).toEqual({
      started: 24,
      alreadyCompleted: 0,
      notStarted: 1,
      delivered: 0,
    });
    expect(logged).toMatchObject([{ paymentId: 'pay_0' }]);
  },
);

test('a whole group of payments that are refused for good holds up none behind it', async () => {
  const { sweep } = world((id) => (Number(id.slice(4)) < 10 ? new SagaRefused('never') : null));
  expect(await sweep(ages)).toMatchObject({ started: 15, notStarted: 10 });
});

test('an outage ends the run at once, for the next one to repeat', async () => {
  const { sweep, asked } = world(() => new SagaUnavailable('away'));
  await expect(sweep(ages)).rejects.toMatchObject({
    type: faultTypes.sagaUnavailable,
    nonRetryable: false,
  });
  expect(asked).toHaveLength(10);
});

test('leftovers that cannot be delivered hold up no others, and are logged', async () => {
  const lines: object[] = [];
  const deps = {
    unsettled: { page: async () => ({ payments: [], next: null }) },
    leftovers: [
      { name: 'requests', deliver: () => Promise.reject(new SagaUnavailable('away')) },
      { name: 'refunds', deliver: async () => 3 },
    ],
    log: { error: (fields: object) => void lines.push(fields) },
  } as unknown as ActivityDependencies;
  expect(await createSweepUnsettled(deps)(ages)).toMatchObject({ delivered: 3 });
  expect(lines).toMatchObject([{ leftovers: 'requests' }]);
});
