import { StoreRefused, StoreUnavailable } from '../../application/ports/saga-store';
import { DomainError } from '../../domain/errors';
import { fromDbPayment } from './saga-payment-row';
import type { PaymentRow } from './saga-payment-row';
import { guarded, sqlState } from './store-errors';

/** As Prisma wraps what its pg adapter was told. */
function prismaError(originalCode: string): Error {
  const cause = { kind: 'postgres', originalCode, originalMessage: 'secret detail' };
  const driverAdapterError = Object.assign(new Error('adapter'), { cause });
  return Object.assign(new Error('raw query failed'), {
    code: 'P2010',
    meta: { driverAdapterError },
  });
}

test.each(['23514', '23505', 'P0001', '22003'])(
  'SQLSTATE %s is refused for good',
  async (state) => {
    const attempt = guarded('record', () => Promise.reject(prismaError(state)));
    await expect(attempt).rejects.toThrow(StoreRefused);
  },
);

test.each(['40001', '40P01', '57P01', '57014', '53300', '08006', '25006'])(
  'SQLSTATE %s is waited out',
  async (state) => {
    const attempt = guarded('record', () => Promise.reject(prismaError(state)));
    await expect(attempt).rejects.toThrow(StoreUnavailable);
  },
);

test('a database that cannot be reached is waited out', async () => {
  const lost = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  await expect(guarded('record', () => Promise.reject(lost))).rejects.toThrow(StoreUnavailable);
});

test('what the database said stays out of the message, for it may quote a row', async () => {
  const attempt = guarded('record', () => Promise.reject(prismaError('23514')));
  await expect(attempt).rejects.toThrow(/^record: 23514$/);
});

test('a broken rule of the domain is not taken for an answer of the database', async () => {
  const rule = new DomainError('illegal_transition', 'no');
  await expect(guarded('record', () => Promise.reject(rule))).rejects.toBe(rule);
});

test('an amount that no number can hold is refused, never rounded and never waited for', async () => {
  const row = { amount_minor: 2n ** 53n + 1n } as PaymentRow;
  const attempt = guarded('load payment', async () => fromDbPayment(row));
  await expect(attempt).rejects.toThrow(StoreRefused);
});

test("Prisma's own codes are not SQLSTATEs", () => {
  expect(sqlState(Object.assign(new Error('x'), { code: 'P2010' }))).toBeNull();
  expect(sqlState(prismaError('P0001'))).toBe('P0001');
});
