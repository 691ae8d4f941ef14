import { randomUUID } from 'node:crypto';
import { createAuditTrail } from '../../adapters/postgres/audit-trail';
import { timeOrderedIds } from '../../adapters/system/ids';
import type { NewAuditEntry } from '../../application/ports/audit-trail';
import { get, openDatabase, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let api: Api;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database });
});

afterAll(async () => {
  await api.close();
  await database.close();
});

async function merchant() {
  const merchantId = `mer_${randomUUID()}`;
  const secret = await api.newKey(merchantId, ['operate']);
  const write = (entry: Partial<NewAuditEntry> = {}) =>
    createAuditTrail(api.prisma).write({
      id: timeOrderedIds.uuid(),
      merchantId,
      actor: 'key_1',
      action: 'redrive_outbox',
      paymentId: null,
      details: { type: 'payment.succeeded.v1' },
      outcome: 'done',
      ...entry,
    });
  return { secret, write };
}

describe('the audit trail', () => {
  test('is shown to its merchant alone, newest first and page by page', async () => {
    const { secret, write } = await merchant();
    const other = await merchant();
    await other.write();
    for (const round of [1, 2, 3]) await write({ details: { round } });
    const first = await get(`${api.url}/v1/audit?limit=2`, secret);
    expect(first.status).toBe(200);
    expect(first.json()).toMatchObject({
      data: [{ details: { round: 3 }, actor: 'key_1' }, { details: { round: 2 } }],
      has_more: true,
    });
    const last = first.json().data.at(-1).id;
    const second = await get(`${api.url}/v1/audit?limit=2&starting_after=${last}`, secret);
    expect(second.json()).toMatchObject({ data: [{ details: { round: 1 } }], has_more: false });
  });

  test('is closed to keys that may not operate', async () => {
    const secret = await api.newKey(`mer_${randomUUID()}`, ['read', 'write', 'refund']);
    expect((await get(`${api.url}/v1/audit`, secret)).status).toBe(403);
  });

  test('is rewritten by nobody', async () => {
    const { write } = await merchant();
    const id = timeOrderedIds.uuid();
    await write({ id });
    for (const statement of [
      `UPDATE audit_entries SET outcome = 'refused' WHERE id = '${id}'`,
      `DELETE FROM audit_entries WHERE id = '${id}'`,
    ]) {
      await expect(database.sql.query(statement)).rejects.toThrow('audit_entries is append-only');
    }
  });
});
