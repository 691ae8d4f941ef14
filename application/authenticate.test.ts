import { createHash } from 'node:crypto';
import { createAuthenticate } from './authenticate';
import type { ApiKeyRecord } from './ports/api-key-reader';

const record: ApiKeyRecord = {
  id: 'key_1',
  merchantId: 'mer_1',
  scopes: ['read'],
  expiresAt: new Date('2026-12-01T00:00:00Z'),
  revokedAt: null,
};

function world(found: ApiKeyRecord | null) {
  const keys = { findBySha256: jest.fn((_sha256: string) => Promise.resolve(found)) };
  const clock = { now: jest.fn(() => new Date('2026-11-23T00:00:00Z')) };
  const verdict = { isAllowed: true, limit: 1, remaining: 0, resetSeconds: 7 };
  const strangers = { take: jest.fn(() => Promise.resolve(verdict)) };
  const authenticate = createAuthenticate({ keys, clock, strangers });
  const refuseStrangers = () => strangers.take.mockResolvedValue({ ...verdict, isAllowed: false });
  return {
    keys,
    clock,
    refuseStrangers,
    authenticate: (secret: string) => authenticate(secret, 'ip'),
  };
}

describe('authentication', () => {
  it('looks a key up by its hash, and once for many requests', async () => {
    const { keys, authenticate } = world(record);
    await authenticate('psk_secret');
    const caller = { merchantId: 'mer_1', keyId: 'key_1', scopes: ['read'] };
    await expect(authenticate('psk_secret')).resolves.toEqual(caller);
    const sha256 = createHash('sha256').update('psk_secret').digest('hex');
    expect(keys.findBySha256.mock.calls).toEqual([[sha256]]);
  });

  it('looks again after five seconds, so that a revoked key ends', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { keys, authenticate } = world(record);
    await authenticate('psk_secret');
    keys.findBySha256.mockResolvedValue({ ...record, revokedAt: new Date() });
    now.mockReturnValue(5_000);
    await expect(authenticate('psk_secret')).rejects.toThrow('unauthenticated');
    now.mockRestore();
  });

  it('refuses a key at the moment it expires, remembered or not', async () => {
    const { clock, authenticate } = world(record);
    await authenticate('psk_secret');
    clock.now.mockReturnValue(new Date('2026-12-01T00:00:00Z'));
    await expect(authenticate('psk_secret')).rejects.toThrow('unauthenticated');
  });

  it('looks up no unseen key of an address that tried too many, and goes on with seen ones', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { keys, refuseStrangers, authenticate } = world(record);
    await authenticate('psk_seen');
    refuseStrangers();
    await expect(authenticate('psk_unseen')).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 7,
    });
    now.mockReturnValue(5_000);
    await expect(authenticate('psk_seen')).resolves.toMatchObject({ keyId: 'key_1' });
    expect(keys.findBySha256).toHaveBeenCalledTimes(2);
    now.mockRestore();
  });

  it('does not remember keys that do not exist', async () => {
    const { keys, authenticate } = world(null);
    await expect(authenticate('psk_new')).rejects.toThrow('unauthenticated');
    keys.findBySha256.mockResolvedValue(record);
    await expect(authenticate('psk_new')).resolves.toMatchObject({ merchantId: 'mer_1' });
  });
});
