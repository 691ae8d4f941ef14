import { Changes } from './changes';
import { Clock } from './clock';
import { IdempotencyKeys } from './idempotency-keys';

const answer = { status: 500, body: '{}', requestId: 'req_1' };
const hourMs = 3_600_000;

function keysWithAnswer() {
  const clock = new Clock(new Changes());
  const keys = new IdempotencyKeys(clock, new Changes());
  keys.begin('k', 'same');
  keys.store('k', answer);
  return { clock, keys };
}

describe('idempotency keys', () => {
  it('the first answer is replayed, also a failure', () => {
    expect(keysWithAnswer().keys.begin('k', 'same')).toEqual({ replay: answer });
  });

  it('another request under the key is refused', () => {
    expect(() => keysWithAnswer().keys.begin('k', 'other')).toThrow('Keys for idempotent requests');
  });

  it('a key in flight is refused until it is answered or released', () => {
    const keys = new IdempotencyKeys(new Clock(new Changes()), new Changes());
    keys.begin('k', 'same');
    expect(() => keys.begin('k', 'same')).toThrow('in-progress request');
    keys.release('k');
    expect(keys.begin('k', 'same')).toEqual({ replay: null });
  });

  it('a key holds for 24 hours of the sandbox clock and no longer', () => {
    const { clock, keys } = keysWithAnswer();
    clock.advance(24 * hourMs - 1_000);
    expect(keys.begin('k', 'same')).toEqual({ replay: answer });
    clock.advance(1_000);
    expect(keys.begin('k', 'other')).toEqual({ replay: null });
  });

  it('expiry spares a key in flight: nothing may run twice at once', () => {
    const { keys } = keysWithAnswer();
    keys.begin('running', 'same');
    expect(keys.expire(/./)).toBe(1);
    expect(() => keys.begin('running', 'same')).toThrow('in-progress request');
  });
});
