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
  return { keys, clock, authenticate: createAuthenticate({ keys, clock }) };
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

  it('does not remember keys that do not exist', async () => {
    const { keys, authenticate } = world(null);
    await expect(authenticate('psk_new')).rejects.toThrow('unauthenticated');
    keys.findBySha256.mockResolvedValue(record);
    await expect(authenticate('psk_new')).resolves.toMatchObject({ merchantId: 'mer_1' });
  });
});
