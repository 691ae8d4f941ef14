import { randomUUID } from 'node:crypto';
import createClient from 'openapi-fetch';
import { createApiKey, seedMerchant } from '../../adapters/postgres/api-keys';
import { createDatabase } from '../../adapters/postgres/client';
import openApiDocument from '../../generated/api/openapi.json';
import type { paths } from '../../generated/api/paths';
import { openDatabase } from '../integration/api-rig.fixture';
import type { OpenDatabase } from '../integration/api-rig.fixture';
import { startApiProcess } from '../support/api-process';
import type { TestProcess } from '../support/process';
import { silentLog } from '../support/silent-log';

let database: OpenDatabase;
let api: TestProcess;
let client: ReturnType<typeof createClient<paths>>;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApiProcess(database.url);
  const headers = { Authorization: `Bearer ${await newKey()}` };
  client = createClient<paths>({ baseUrl: api.url, headers });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function newKey(): Promise<string> {
  const own = createDatabase({
    databaseUrl: database.url,
    poolSize: 1,
    applicationName: 'test',
    log: silentLog,
  });
  await seedMerchant(own.prisma, { id: 'mer_client', name: 'Client' });
  const { secret } = await createApiKey(own.prisma, {
    merchantId: 'mer_client',
    scopes: ['read', 'write'],
  });
  await own.close();
  return secret;
}

const body = { amount: 1250, currency: 'EUR', payment_method: 'pm_card_visa' };
const keyed = (key: string = randomUUID()) => ({ header: { 'Idempotency-Key': key } });

describe('a client generated from the OpenAPI document', () => {
  it('makes a payment, repeats it without making another, and reads it', async () => {
    const params = keyed();
    const made = await client.POST('/v1/payments', { params, body });
    expect(made.response.status).toBe(202);
    const again = await client.POST('/v1/payments', { params, body });
    expect(again.data).toEqual(made.data);
    expect(again.response.headers.get('Idempotent-Replayed')).toBe('true');
    const path = { id: made.data!.id };
    const read = await client.GET('/v1/payments/{id}', { params: { path } });
    expect(read.data).toMatchObject({ ...body, id: path.id, status: 'pending' });
  });

  it('lists what the typed filters ask for', async () => {
    const reference = randomUUID();
    const made = await client.POST('/v1/payments', {
      params: keyed(),
      body: { ...body, currency: 'JPY', reference },
    });
    const query = { reference, currency: 'JPY', status: 'pending', limit: 1 } as const;
    const { data } = await client.GET('/v1/payments', { params: { query } });
    expect(data).toMatchObject({ data: [{ id: made.data!.id }], has_more: false });
    expect(data?.data).toHaveLength(1);
  });

  it('is told by code and pointer what is wrong', async () => {
    const params = keyed();
    const { error } = await client.POST('/v1/payments', { params, body: { ...body, amount: 0 } });
    expect(error).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/amount' }] });
    const unknown = { path: { id: `pay_${'0'.repeat(32)}` } };
    const missing = await client.GET('/v1/payments/{id}', { params: unknown });
    expect(missing.error?.code).toBe('payment_not_found');
  });
});

describe('the documentation', () => {
  it('is the document that the client was generated from', async () => {
    const { data } = await client.GET('/openapi.json');
    expect(data?.openapi).toBe('3.1.1');
    expect(data).toEqual(openApiDocument);
  });

  it('loads everything its page needs from this server', async () => {
    const page = await fetch(`${api.url}/docs`);
    expect(page.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; /);
    const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to]) => to!);
    const loaded = links.filter((link) => link !== 'data:,');
    expect(loaded).toHaveLength(3);
    const answers = await Promise.all(loaded.map((link) => fetch(new URL(link, page.url))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const link of loaded) expect(link).toMatch(/^\/docs\//);
  });
});
