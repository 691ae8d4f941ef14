import { createApiKeyRegister } from '../../adapters/postgres/api-key-register';
import { systemClock } from '../../adapters/system/clock';
import { orderKey, revokeKey, rotateKey } from '../../application/api-key-administration';
import { runCommand } from '../support/command';
import { get, openDatabase, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

const hourMs = 3_600_000;

let database: OpenDatabase;
let api: Api;
let deps: Parameters<typeof orderKey>[0];

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database });
  deps = { keys: createApiKeyRegister(api.prisma), clock: systemClock };
});
afterAll(async () => {
  await api.close();
  await database.close();
});

const statusWith = async (secret: string) => (await get(`${api.url}/v1/payments`, secret)).status;

const order = (merchantId: string, merchantName: string | null = 'Shop') =>
  orderKey(deps, { merchantId, merchantName, scopes: ['read'], lifetimeMs: 2 * hourMs });

const rotation = (keyId: string) => ({ keyId, overlapMs: hourMs, lifetimeMs: null });

describe('API keys', () => {
  it('are made with their merchant only on request', async () => {
    await expect(order('mer_new', null)).rejects.toThrow('there is no merchant mer_new');
    expect(await statusWith((await order('mer_new')).secret)).toBe(200);
    await expect(order('mer_new', 'Other')).rejects.toThrow('exists and is called "Shop"');
  });

  it('are rotated once, however many try: two are live, and the old one has an end', async () => {
    const old = await order('mer_rotating');
    const tries = Array.from({ length: 5 }, () => rotateKey(deps, rotation(old.id)));
    const settled = await Promise.allSettled(tries);
    const done = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(done).toHaveLength(1);
    const { made } = done[0]!;
    expect([await statusWith(old.secret), await statusWith(made.secret)]).toEqual([200, 200]);
    const { rows } = await database.sql.query(
      `SELECT id, replaced_by, scopes, round(extract(epoch FROM expires_at - now()) / 3600) AS hours
         FROM api_keys WHERE merchant_id = 'mer_rotating' ORDER BY created_at`,
    );
    expect(rows).toEqual([
      { id: old.id, replaced_by: made.id, scopes: ['read'], hours: '1' },
      { id: made.id, replaced_by: null, scopes: ['read'], hours: '2' },
    ]);
  });

  it('are refused once revoked, and not rotated any more', async () => {
    const { id, secret } = await order('mer_revoking');
    const [first, again] = [await revokeKey(deps, id), await revokeKey(deps, id)];
    expect(again.revokedAt).toEqual(first.revokedAt);
    expect(await statusWith(secret)).toBe(401);
    await expect(rotateKey(deps, rotation(id))).rejects.toThrow(`${id} is revoked`);
    await expect(revokeKey(deps, 'key_unknown')).rejects.toThrow('there is no key key_unknown');
  });
});

describe('npm run keys', () => {
  it('gives the clear text once, and lists keys by their last four characters', async () => {
    const keys = (...args: string[]) =>
      runCommand('operate/keys.js', { env: { DATABASE_URL: database.url }, args });
    const named = ['--merchant', 'mer_command'];
    const made = await keys('create', ...named, '--create-merchant', 'C', '--scopes', 'read');
    const [secret = ''] = /^psk_\S+$/m.exec(made.output) ?? [];
    expect([made.code, await statusWith(secret)]).toEqual([0, 200]);
    const list = await keys('list', ...named);
    expect(list.lines[1]).toMatch(
      new RegExp(`^key_\\w+ +psk_\\.\\.\\.${secret.slice(-4)} +mer_command +read +live$`),
    );
    expect(list.output).not.toContain(secret.slice(4));
    expect((await keys('create', ...named)).code).toBe(2);
  });
});
