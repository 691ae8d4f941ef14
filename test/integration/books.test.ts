import { openDatabase } from './api-rig.fixture';
import type { OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;

beforeAll(async () => {
  database = await openDatabase();
  await database.sql.query(`INSERT INTO merchants (id, name) VALUES ('mer_books', 'Books')`);
});

afterAll(() => database.close());

let made = 0;

async function payment(): Promise<string> {
  made += 1;
  const id = `pay_${made}`;
  await database.sql.query(
    `INSERT INTO payments (id, merchant_id, status, version, amount_minor, currency,
       payment_method, flags) VALUES ($1, 'mer_books', 'processing', 2, 1000, 'EUR', 'pm_x', '{}')`,
    [id],
  );
  return id;
}

/** Changes figures as this version does: it says that it has written the entries itself. */
const change = (id: string, figures: string, entries: readonly (readonly [string, number])[]) =>
  database.sql.query(
    `WITH updated AS (
       UPDATE payments SET ${figures}, version = version + 1, booked_version = version + 1
       WHERE id = $1 RETURNING id, version, currency)
     INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
     SELECT id, version, e.account, e.amount, currency
       FROM updated, jsonb_to_recordset($2) AS e(account text, amount bigint)`,
    [id, JSON.stringify(entries.map(([account, amount]) => ({ account, amount })))],
  );

async function books(id: string) {
  const { rows } = await database.sql.query<{ account: string; sum: number }>(
    `SELECT account, sum(amount_minor)::int AS sum FROM ledger_entries WHERE payment_id = $1
     GROUP BY account HAVING sum(amount_minor) <> 0 ORDER BY account`,
    [id],
  );
  return Object.fromEntries(rows.map(({ account, sum }) => [account, sum]));
}

const captured = [
  ['provider_balance', 1_000],
  ['merchant_payable', -1_000],
] as const;

describe('the database', () => {
  it('takes figures with entries that say the same', async () => {
    const id = await payment();
    await change(id, 'captured_minor = 1000', captured);
    expect(await books(id)).toEqual({ provider_balance: 1_000, merchant_payable: -1_000 });
  });

  it.each<[string, string, readonly (readonly [string, number])[]]>([
    ['figures without entries', 'captured_minor = 1000', []],
    [
      'entries that do not sum to zero',
      'captured_minor = 1000',
      [
        ['provider_balance', 1_000],
        ['merchant_payable', -999],
      ],
    ],
    [
      'entries of another amount',
      'captured_minor = 1000',
      [
        ['provider_balance', 900],
        ['merchant_payable', -900],
      ],
    ],
    [
      'a capture posted to the accounts of a hold',
      'captured_minor = 1000',
      [
        ['held_by_issuer', 1_000],
        ['hold_owed', -1_000],
      ],
    ],
    ['entries without figures', 'captured_minor = 0', captured],
  ])('refuses %s, and nothing of it is written', async (_name, figures, entries) => {
    const id = await payment();
    await expect(change(id, figures, entries)).rejects.toThrow('do not balance');
    expect(await books(id)).toEqual({});
    const { rows } = await database.sql.query('SELECT version FROM payments WHERE id = $1', [id]);
    expect(rows).toEqual([{ version: 2 }]);
  });

  it('refuses entries in another currency', async () => {
    const id = await payment();
    const insert = database.sql.query(
      `INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
       VALUES ($1, 3, 'provider_balance', 5, 'USD'), ($1, 3, 'merchant_payable', -5, 'USD')`,
      [id],
    );
    await expect(insert).rejects.toThrow('do not balance');
  });

  it('never lets an entry be changed or removed', async () => {
    const id = await payment();
    await change(id, 'captured_minor = 1000', captured);
    const update = 'UPDATE ledger_entries SET amount_minor = 1 WHERE payment_id = $1';
    await expect(database.sql.query(update, [id])).rejects.toThrow('append-only');
    const remove = 'DELETE FROM ledger_entries WHERE payment_id = $1';
    await expect(database.sql.query(remove, [id])).rejects.toThrow('append-only');
  });

  it('keeps the books for a version of the service that knows nothing of them', async () => {
    const id = await payment();
    const before = (figures: string) =>
      database.sql.query(`UPDATE payments SET ${figures}, version = version + 1 WHERE id = $1`, [
        id,
      ]);
    await before('captured_minor = 1000');
    expect(await books(id)).toEqual({ provider_balance: 1_000, merchant_payable: -1_000 });
    await before('refunded_minor = 400');
    expect(await books(id)).toEqual({ provider_balance: 600, merchant_payable: -600 });
  });
});
