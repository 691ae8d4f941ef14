import { randomUUID } from 'node:crypto';
import { testRedisPrefix } from '../support/stack-environment';
import { get, openDatabase, send, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

const limits = { perKey: 3, perAddress: 2 };

let database: OpenDatabase;
let apis: readonly [Api, Api];

beforeAll(async () => {
  database = await openDatabase();
  const options = { database, limits, redisPrefix: testRedisPrefix() };
  // Both are asked from one address, which the tests therefore share as well.
  apis = [
    await startApi(options),
    await startApi({ ...options, app: { trustedProxies: ['loopback'] } }),
  ];
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.close()));
  await database.close();
});

const list = (api: Api, secret: string) => get(`${api.url}/v1/payments`, secret);
const from = (address: string) => ({ 'X-Forwarded-For': address });

describe('an API key', () => {
  it('is refused once it has used up its window, whichever process it asks', async () => {
    const [one, other] = apis;
    const secret = await one.newKey('mer_busy');
    const answers = [await list(one, secret), await list(other, secret), await list(one, secret)];
    expect(answers.map(({ headers }) => headers.get('RateLimit-Remaining'))).toEqual([
      '2',
      '1',
      '0',
    ]);
    expect(answers[0]!.headers.get('RateLimit-Limit')).toBe('3');
    for (const api of apis) {
      const refused = await list(api, secret);
      expect([refused.status, refused.json()]).toEqual([
        429,
        expect.objectContaining({ code: 'rate_limited', retryable: true }),
      ]);
      const seconds = Number(refused.headers.get('Retry-After'));
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(60);
    }
    expect((await list(one, await one.newKey('mer_busy'))).status).toBe(200);
  });

  it('has its limit also while Redis is away', async () => {
    const alone = await startApi({ database, limits, redisUrl: 'redis://127.0.0.1:1' });
    const secret = await alone.newKey('mer_alone');
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await list(alone, secret)).status);
    await alone.close();
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});

describe('an address', () => {
  const withKey = (address: string, secret: string) =>
    send(`${apis[1].url}/v1/payments`, {
      headers: { Authorization: `Bearer ${secret}`, ...from(address) },
    });

  it('may try few keys that do not exist, and others are not refused for it', async () => {
    const made = await apis[1].newKey('mer_neighbour');
    const statuses: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      statuses.push((await withKey('203.0.113.1', `psk_${randomUUID()}`)).status);
    }
    expect(statuses).toEqual([401, 401, 429]);
    expect((await withKey('203.0.113.2', made)).status).toBe(200);
    expect((await withKey('203.0.113.1', made)).status).toBe(200);
  });

  it('may read so many pages that need no key, but probes and webhooks are always answered', async () => {
    const read = async (path: string, init: RequestInit = {}) =>
      (await send(`${apis[1].url}${path}`, { ...init, headers: from('203.0.113.3') })).status;
    const pages = [
      await read('/errors/not_found'),
      await read('/openapi.json'),
      await read('/docs'),
    ];
    expect(pages).toEqual([200, 200, 429]);
    for (const path of ['/livez', '/readyz', '/metrics']) expect(await read(path)).toBe(200);
    expect(await read('/v1/webhooks/stripe', { method: 'POST', body: '{}' })).toBe(400);
  });
});
