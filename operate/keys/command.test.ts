import { readKeyCommand, UsageError } from './command';

const read = (text: string) => readKeyCommand(text.split(' ').filter((word) => word !== ''));
const hourMs = 3_600_000;

describe('the command line of keys', () => {
  it('names merchant, scopes and times of a new key', () => {
    expect(read('create --merchant mer_a --scopes write,read,write --expires-in 90d')).toEqual({
      name: 'create',
      order: {
        merchantId: 'mer_a',
        scopes: ['read', 'write'],
        lifetimeMs: 90 * 24 * hourMs,
        merchantName: null,
      },
    });
  });

  it('gives a replaced key a week unless another time is named', () => {
    expect(read('rotate key_a')).toMatchObject({ rotation: { overlapMs: 168 * hourMs } });
    expect(read('rotate key_a --old-ends-in 30m')).toMatchObject({
      rotation: { keyId: 'key_a', overlapMs: hourMs / 2, lifetimeMs: null },
    });
  });

  it.each([
    ['', 'which command'],
    ['destroy', 'unknown command'],
    ['create --scopes read', '--merchant'],
    ['create --merchant shop --scopes read', '--merchant'],
    ['create --merchant mer_a', '--scopes'],
    ['create --merchant mer_a --scopes all', '--scopes'],
    ['create --merchant mer_a --scopes read --expires-in 0d', '--expires-in'],
    ['create --merchant mer_a --scopes read --expires-in 4000d', '--expires-in'],
    ['create --merchant mer_a --scopes read --old-ends-in 1d', '--old-ends-in'],
    ['create mer_a --merchant mer_a --scopes read', 'too many'],
    ['create --merchant mer_a --scopes read --create-merchant a\u001b[2J', '--create-merchant'],
    ['revoke', 'exactly one'],
    ['revoke key_a key_b', 'exactly one'],
    ['list --everything', '--everything'],
  ])('%p is refused and says how it goes', (text, problem) => {
    expect(() => read(text)).toThrow(UsageError);
    expect(() => read(text)).toThrow(problem);
  });

  it('does not repeat a key that was given where its id belongs', () => {
    const secret = 'psk_0123456789abcdef';
    expect(() => read(`revoke ${secret}`)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    );
  });
});
