import { StoreRefused, StoreUnavailable } from '../application/ports/saga-store';
import type { SagaPayment } from '../application/ports/saga-store';
import type { RecordInput } from '../contracts/saga';
import type { ActivityDependencies } from './dependencies';
import { createRecordOutcome } from './record-outcome';

const success: RecordInput = {
  paymentId: 'pay_1',
  status: 'succeeded',
  capturedMinor: 1_250,
  failure: null,
};
const flags = { outboxPattern: false, retryLogic: true };

function world(events: () => Promise<[]>) {
  let status = 'processing';
  const deps = {
    store: {
      load: async () => ({ paymentId: 'pay_1', status, flags }) as unknown as SagaPayment,
      transition: async ({ to }: { to: string }) => {
        status = to;
        return true;
      },
      unpublishedEvents: events,
    },
    crashPoints: { reach: () => undefined },
    log: { info: () => undefined },
    metrics: { paymentEnded: () => undefined },
  } as unknown as ActivityDependencies;
  return { record: createRecordOutcome(deps), status: () => status };
}

test.each([new StoreRefused('22P02'), new StoreUnavailable('no answer'), new TypeError('a bug')])(
  'an outcome that is written is never taken back because announcing it ends in %s',
  async (error) => {
    const { record, status } = world(async () => {
      throw error;
    });
    await expect(record(success)).rejects.toMatchObject({ nonRetryable: false });
    expect(status()).toBe('succeeded');
  },
);

test('the repeat of an outcome that was written announces it', async () => {
  const answers = [() => Promise.reject(new StoreRefused('22P02'))];
  let announced = 0;
  const { record } = world(async () => {
    await answers.shift()?.();
    announced += 1;
    return [];
  });
  await expect(record(success)).rejects.toThrow('22P02');
  await record(success);
  expect(announced).toBe(1);
});
