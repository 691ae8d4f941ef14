import { createCircuit } from './circuit';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('the circuit', () => {
  it('gives what the work gives', async () => {
    const circuit = createCircuit({ pauseMs: 60_000, log });
    await expect(circuit(async () => 5)).resolves.toBe(5);
  });

  it('skips the work after a failure instead of failing the caller', async () => {
    const circuit = createCircuit({ pauseMs: 60_000, log });
    const work = jest.fn(() => Promise.reject(new Error('frozen')));
    await expect(circuit(work)).resolves.toBeNull();
    await expect(circuit(work)).resolves.toBeNull();
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('lets one caller try again when the pause is over, and recovers', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const circuit = createCircuit({ pauseMs: 1_000, log });
    await circuit(() => Promise.reject(new Error('frozen')));
    now.mockReturnValue(1_001);
    const probe = circuit(() => Promise.resolve('back'));
    await expect(circuit(() => Promise.resolve('too early'))).resolves.toBeNull();
    await expect(probe).resolves.toBe('back');
    await expect(circuit(() => Promise.resolve('again'))).resolves.toBe('again');
    now.mockRestore();
  });
});
