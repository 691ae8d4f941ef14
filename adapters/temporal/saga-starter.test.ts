import { ServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { SagaRefused, SagaUnavailable } from '../../application/ports/saga-starter';
import type { SagaBudgets } from '../../contracts/saga';
import { createSagaStarter } from './saga-starter';

const payment = {
  paymentId: 'pay_1',
  merchantId: 'mer_1',
  amountMinor: 1_250,
  currency: 'EUR',
  flags: { asyncCommands: true, outboxPattern: true, retryLogic: true, compensation: true },
};

/** A starter whose server answers every start with the error. */
function starter(error: unknown) {
  const client = {
    withDeadline: (_: number, run: () => Promise<unknown>) => run(),
    workflow: {
      start: async () => {
        throw error;
      },
    },
  } as unknown as Client;
  const budgets = {} as SagaBudgets;
  return createSagaStarter({ client, taskQueue: 'saga', budgets, timeoutMs: 1_000 });
}

function grpcError(code: number): ServiceError {
  const cause = Object.assign(new Error('answered'), { code, details: '', metadata: {} });
  return new ServiceError('the start failed', { cause });
}

test('an argument that Temporal refuses is refused for good', async () => {
  await expect(starter(grpcError(3)).start(payment)).rejects.toThrow(SagaRefused);
});

test('a payment that breaks a rule of ours is refused without asking Temporal', async () => {
  const start = starter(grpcError(14)).start({ ...payment, currency: 'ZZZ' });
  await expect(start).rejects.toThrow(SagaRefused);
});

test.each([4, 5, 8, 14])('a gRPC status %i is an outage, and waited out', async (code) => {
  await expect(starter(grpcError(code)).start(payment)).rejects.toThrow(SagaUnavailable);
});
