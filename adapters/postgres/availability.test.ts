import { DependencyUnavailable } from '../../application/ports/availability';
import { available } from './availability';

const answered = (originalCode: string) =>
  Object.assign(new Error('refused'), {
    meta: { driverAdapterError: { cause: { originalCode } } },
  });

describe('a statement on a request’s path', () => {
  it.each(['40001', '40P01'])(
    'is repeated when it was rolled back for another (%s)',
    async (code) => {
      const run = jest.fn(() => Promise.resolve('done')).mockRejectedValueOnce(answered(code));
      await expect(available('test', run)).resolves.toBe('done');
      expect(run).toHaveBeenCalledTimes(2);
    },
  );

  it('is repeated twice at most', async () => {
    const run = jest.fn(() => Promise.reject(answered('40001')));
    await expect(available('test', run)).rejects.toThrow(DependencyUnavailable);
    expect(run).toHaveBeenCalledTimes(3);
  });

  it.each(['57P01', '53300', '08006', '55000', '57014'])(
    'tells %s as unavailable, and does not repeat it',
    async (code) => {
      const run = jest.fn(() => Promise.reject(answered(code)));
      await expect(available('test', run)).rejects.toThrow(DependencyUnavailable);
      expect(run).toHaveBeenCalledTimes(1);
    },
  );

  it('tells no answer at all as unavailable', async () => {
    const run = () => Promise.reject(new Error('timeout exceeded when trying to connect'));
    await expect(available('test', run)).rejects.toThrow(DependencyUnavailable);
  });

  it.each([answered('23505'), answered('42P01'), answered('P0001'), new TypeError('bug')])(
    'leaves %p as the bug it is',
    async (bug) => {
      await expect(available('test', () => Promise.reject(bug))).rejects.toBe(bug);
    },
  );
});
